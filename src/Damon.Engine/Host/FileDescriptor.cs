using Damon.Engine.Interop;
using Microsoft.Win32.SafeHandles;

namespace Damon.Engine.Host;

/// <summary>Owns a descriptor, so that a forgotten file is closed at the latest by the collector.</summary>
internal sealed class FileDescriptor : SafeHandleZeroOrMinusOneIsInvalid
{
    public FileDescriptor(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>The number. The owner keeps this object alive while it uses it.</summary>
    public int Number => (int)handle;

    protected override bool ReleaseHandle()
    {
        Native.Close((int)handle);
        return true;
    }
}
