namespace Damon.Lab.Guest.Sensing;

/// <summary>Looks at one process and says what is hot.</summary>
internal interface IHotMemorySensor : IDisposable
{
    /// <summary>Looks for one aggregation.</summary>
    Task<HotMemory> LookAsync();
}
