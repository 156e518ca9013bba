namespace Damon.Hosting.Http;

/// <summary>The pages that a process has, without the network.</summary>
/// <remarks>Any thread may ask.</remarks>
public interface IPageSource
{
    /// <summary>Whether a page says so little that it is for everybody, without a token: what a kubelet asks.</summary>
    /// <param name="target">The request's target as it came.</param>
    bool IsForEverybody(string target);

    /// <summary>Makes a page.</summary>
    /// <param name="target">The request's target as it came: nothing is decoded, unified or guessed.</param>
    Page Get(string target);
}
