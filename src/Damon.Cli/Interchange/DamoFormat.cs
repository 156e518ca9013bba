namespace Damon.Cli.Interchange;

/// <summary>In which form damo gets what is exported.</summary>
internal enum DamoFormat
{
    /// <summary>Schemes or records as JSON.</summary>
    Json,

    /// <summary>Schemes as YAML.</summary>
    Yaml,

    /// <summary>Records as JSON compressed by zlib, as damo records.</summary>
    JsonCompressed,
}
