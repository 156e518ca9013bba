namespace Damon.Testing.ControlPlane.Faults;

/// <summary>What a request asks for, as authorization and audit name it.</summary>
public enum RequestVerb
{
    /// <summary>Discovery, health and what else is not about objects.</summary>
    Other,
    Get,
    List,
    Watch,
    Create,
    Update,
    Patch,
    Delete,
}
