using Damon.Api.Schemes;

namespace Damon.NodeAgent.Selection;

/// <summary>Which action is of which class.</summary>
internal static class ConflictClasses
{
    /// <summary>The class of an action.</summary>
    /// <param name="action">The action.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such action.</exception>
    public static ConflictClass Of(ActionType action) => action switch
    {
        ActionType.Stat => ConflictClass.None,
        ActionType.Pageout or ActionType.Cold or ActionType.LruDeprio or ActionType.MigrateCold or ActionType.Reclaim => ConflictClass.Cool,
        ActionType.WillNeed or ActionType.LruPrio or ActionType.MigrateHot => ConflictClass.Warm,
        ActionType.Collapse or ActionType.HugePage => ConflictClass.Huge,
        ActionType.NoHugePage => ConflictClass.Split,
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, "An action without a class."),
    };
}
