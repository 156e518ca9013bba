namespace Damon.Testing.ApiServer;

/// <summary>What a request is for.</summary>
public enum FakeVerb
{
    Get,
    List,
    Watch,
    Create,
    Update,
    Patch,
    Apply,
    Delete,
}
