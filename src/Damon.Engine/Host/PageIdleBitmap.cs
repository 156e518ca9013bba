namespace Damon.Engine.Host;

/// <summary>Where a frame's bit lies in <c>/sys/kernel/mm/page_idle/bitmap</c>: an array of 64-bit words, one bit per frame, read and written in whole words (kernel documentation, admin-guide/mm/idle_page_tracking).</summary>
internal static class PageIdleBitmap
{
    public const string Path = "/sys/kernel/mm/page_idle/bitmap";
    public const int WordBytes = sizeof(ulong);
    private const int FramesPerWord = 64;

    public static ulong WordOf(ulong frame) => frame / FramesPerWord;

    public static ulong BitOf(ulong frame) => 1UL << (int)(frame % FramesPerWord);
}
