namespace Damon.Architecture.Tests.Engine;

public class NativeCodeRulesTests
{
    [Fact]
    public void Native_code_is_in_the_interop_folder_only() => Repository.Sources("src").SelectMany(NativeCodeRules.Violations).Should().BeEmpty();

    [Theory]
    [InlineData("internal static unsafe class A;", "unsafe")]
    [InlineData("void B() { unsafe { } }", "unsafe")]
    [InlineData("[DllImport(\"libc\")] static extern int getpid();", "DllImport")]
    [InlineData("[LibraryImport(\"libc\")] static partial int getpid();", "LibraryImport")]
    [InlineData("using Tmds.Linux;", "Tmds.Linux")]
    public void Native_code_elsewhere_is_found(string code, string word)
    {
        NativeCodeRules.Violations(new SourceFile("src/Damon.Engine/Host/A.cs", code)).Should().Equal($"src/Damon.Engine/Host/A.cs contains {word}");
        NativeCodeRules.Violations(new SourceFile("src/Damon.Engine/Interop/A.cs", code)).Should().BeEmpty();
    }

    [Theory]
    [InlineData("// unsafe to call twice")]
    [InlineData("token.UnsafeRegister(callback, state);")]
    public void A_mention_is_none(string code) => NativeCodeRules.Violations(new SourceFile("src/Damon.Api/A.cs", code)).Should().BeEmpty();
}
