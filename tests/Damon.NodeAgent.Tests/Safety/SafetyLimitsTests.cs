using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Tests.Safety;

public class SafetyLimitsTests
{
    public static TheoryData<string> Names => [.. typeof(SafetyAdjustments).GetProperties().Select(property => property.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_clusters_configuration_may_change_each_limit_and_changes_no_other(string name)
    {
        var adjustments = new SafetyAdjustments();
        var (source, limit) = (typeof(SafetyAdjustments).GetProperty(name)!, typeof(SafetyLimits).GetProperty(name)!);
        var changed = Twice(limit.GetValue(SafetyLimits.Default)!);
        source.SetValue(adjustments, changed);

        var limits = SafetyLimits.Default.With(adjustments);

        limit.GetValue(limits).Should().Be(changed);
        foreach (var other in typeof(SafetyLimits).GetProperties().Where(property => property.CanWrite && property.Name != name))
            other.GetValue(limits).Should().Be(other.GetValue(SafetyLimits.Default), other.Name);
    }

    [Fact]
    public void Nothing_to_change_changes_nothing() => SafetyLimits.Default.With(new SafetyAdjustments()).Should().Be(SafetyLimits.Default);

    private static object Twice(object value) => value switch
    {
        double number => number * 2,
        int number => number * 2,
        ulong number => number * 2,
        TimeSpan span => span * 2,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "a limit of another type"),
    };
}
