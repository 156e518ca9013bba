namespace Damon.Engine.Machine;

/// <summary>What a kernel says of one kind of advice on other processes' memory. The names are part of the API.</summary>
public enum AdviceAnswer
{
    /// <summary>It was not asked, or its answer says nothing.</summary>
    Unknown,

    /// <summary>It takes the advice, from whoever has the rights.</summary>
    Accepted,

    /// <summary>It does not take the advice for other processes.</summary>
    Refused,

    /// <summary>It was built without what the advice is about.</summary>
    NotBuiltIn,
}
