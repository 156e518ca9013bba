using System.Text;

namespace Damon.Cli;

/// <summary>Writes JSON documents to a command's text output.</summary>
internal static class JsonOutput
{
    /// <summary>Writes one document and a line end.</summary>
    public static void Write(TextWriter to, Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        to.WriteLine(Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        to.Flush();
    }
}
