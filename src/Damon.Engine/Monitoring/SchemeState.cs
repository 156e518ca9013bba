namespace Damon.Engine.Monitoring;

/// <summary>Whether a scheme is carried out.</summary>
public enum SchemeState
{
    /// <summary>It is.</summary>
    Active,

    /// <summary>Its access rates or ages cannot be told apart with the intervals in force: a rate below one sample, or bounds between two counts.</summary>
    Unrepresentable,

    /// <summary>It rests, because of its watermarks; memory is looked at all the same.</summary>
    Resting,
}
