using System.Text;
using CsCheck;
using Damon.Api.Manifests;
using Damon.Api.Schemes;
using Damon.Testing;

namespace Damon.Api.Tests.Schemes;

public class ReaderFuzzTests
{
    private static readonly byte[] Yaml = RepositoryFiles.Bytes("tests/Damon.Api.Tests/Corpus/Good/full.yaml");
    private static readonly byte[] Json = RepositoryFiles.Bytes("tests/Damon.Api.Tests/Corpus/Good/scheme.json");

    // What has a meaning in YAML or JSON, more often than chance would have it.
    private static readonly Gen<string> Fragments = Gen.OneOf(
        "{", "}", "[", "]", ":", ": ", "- ", "\n", "\n  ", ",", "\"", "'", "#", "&a ", "*a", "!!str ", "? ", "| ", "> ", "---\n", "...\n", "%YAML 1.2\n", "<<: ", "spec", "kind", "null", "~", "\t", "\\u", "\0", "é", "9", ".", "%");

    [Fact]
    public void Random_bytes_are_answered_with_schemes_or_errors() =>
        Gen.Byte.Array[0, 300].Sample(bytes => IsAnswered("f.yaml", bytes) && IsAnswered("f.json", bytes) && IsAnswered("f", bytes), iter: 3000);

    [Fact]
    public void Random_fragments_of_yaml_are_answered_with_schemes_or_errors() =>
        Fragments.Array[0, 60].Sample(parts => IsAnswered("f.yaml", Encoding.UTF8.GetBytes(string.Concat(parts))) && IsAnswered("f.json", Encoding.UTF8.GetBytes(string.Concat(parts))), iter: 5000);

    [Fact]
    public void A_truncated_file_is_answered_with_schemes_or_errors()
    {
        for (var length = 0; length < Yaml.Length; length++)
            IsAnswered("f.yaml", Yaml[..length]).Should().BeTrue();
        for (var length = 0; length < Json.Length; length++)
            IsAnswered("f.json", Json[..length]).Should().BeTrue();
    }

    [Fact]
    public void A_file_with_changed_bytes_is_answered_with_schemes_or_errors() =>
        Gen.Select(Gen.Bool, Gen.Select(Gen.Int[0, 5000], Gen.Byte).Array[1, 4]).Sample((isYaml, changes) =>
        {
            var bytes = (isYaml ? Yaml : Json).ToArray();
            foreach (var (at, value) in changes)
                bytes[at % bytes.Length] = value;
            return IsAnswered(isYaml ? "f.yaml" : "f.json", bytes);
        }, iter: 2000);

    [Fact]
    public void A_file_with_fragments_put_in_is_answered_with_schemes_or_errors() =>
        Gen.Select(Gen.Bool, Gen.Select(Gen.Int[0, 5000], Fragments).Array[1, 4]).Sample((isYaml, changes) =>
        {
            var text = Encoding.UTF8.GetString(isYaml ? Yaml : Json);
            foreach (var (at, fragment) in changes)
                text = text.Insert(at % text.Length, fragment);
            return IsAnswered(isYaml ? "f.yaml" : "f.json", Encoding.UTF8.GetBytes(text));
        }, iter: 2000);

    [Fact]
    public void A_file_with_a_line_twice_is_never_a_scheme_with_that_field_twice()
    {
        var lines = Encoding.UTF8.GetString(Yaml).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var text = string.Join('\n', lines[..(i + 1)].Concat(lines[i..]));
            IsAnswered("f.yaml", Encoding.UTF8.GetBytes(text)).Should().BeTrue();
            var isField = lines[i].Contains(':', StringComparison.Ordinal) && !lines[i].TrimStart().StartsWith("- ", StringComparison.Ordinal);
            if (isField)
                DamonSchemeReader.Read("f.yaml", text).Errors.Should().NotBeEmpty($"line {i + 1} stands twice: {lines[i]}");
        }
    }

    [Fact]
    public void Random_settings_are_answered_with_an_override_or_an_error() =>
        Gen.Select(Gen.OneOf("mode", "pattern.age", "filters[0]", "a[", "", "x"), Fragments.Array[0, 8]).Sample((path, parts) =>
        {
            var isOverride = ManifestOverride.TryParse($"{path}={string.Concat(parts)}", out var value, out var error);
            if (value is not null)
            {
                var result = DamonSchemeReader.Read("f.yaml", Yaml.AsSpan(), [value]);
                return error is null && (result.Schemes.Count > 0) != (result.Errors.Count > 0);
            }

            return !isOverride && error is not null;
        }, iter: 3000);

    private static bool IsAnswered(string name, byte[] bytes)
    {
        var result = DamonSchemeReader.Read(name, bytes.AsSpan());
        return (result.Schemes.Count > 0) != (result.Errors.Count > 0) && result.Errors.All(e => e.Message.Length > 0 && !e.ToString().Contains('\n', StringComparison.Ordinal));
    }
}
