using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Sensing;

/// <summary>The kernel's DAMON, driven by the product, with one process as its target.</summary>
internal sealed class KernelSensing : IHotMemorySensor
{
    private readonly KdamondPool _pool;
    private readonly KernelSensor _sensor;
    private readonly SensorRequest _request;

    private KernelSensing(LabContext context, KdamondPool pool, SensorRequest request)
    {
        _pool = pool;
        _sensor = new KernelSensor(context.Host, pool.Kdamonds[0], context.Time);
        _request = request;
    }

    public static KernelSensing Start(LabContext context, int processId, MonitoringIntervals intervals, RegionLimits limits)
    {
        var process = ProcessTree.Identify(context.Host, processId);
        Expect.True($"the workload lives: {process.Error}", process.IsOk);
        var request = new SensorRequest(new MonitoringPlan(intervals, limits, []), [new SensedProcess(process.Value, "workload")]) { AllRegions = true, ReadRegions = true };
        var sensing = new KernelSensing(context, OpenPool(context, kdamonds: 1), request);

        // Telling the kernel takes a thousand files, which takes a second in the emulated machine and a few milliseconds elsewhere.
        var report = sensing._sensor.Sense(request with { ReadRegions = false });
        Expect.Equal($"state of the sensor, which says '{report.Message}'", SensorState.Sensing, report.State);
        return sensing;
    }

    public static KdamondPool OpenPool(LabContext context, int kdamonds)
    {
        context.FreeDamon();
        var pool = new KdamondPool(
            new HostDamonTree(context.Host), new HostKernelSubjects(context.Host, CgroupLayout.Detect(context.Host)), context.Time, new RandomSource(1), new KernelPatience());
        Expect.Equal("opening the pool", KernelOutcome.Done, pool.Open(kdamonds));
        return pool;
    }

    public Task<HotMemory> LookAsync()
    {
        var report = _sensor.Sense(_request);
        Expect.Equal($"state of the sensor, which says '{report.Message}'", SensorState.Sensing, report.State);
        var hot = new HotMemory();
        foreach (var region in report.Targets[0].Regions ?? [])
            hot.Add(region.Start, region.End, region.Accesses, report.Intervals.SamplesPerAggregation);
        return Task.FromResult(hot);
    }

    public void Dispose()
    {
        Expect.Equal("turning the kdamond off", KernelOutcome.Done, _sensor.Stop());
        Expect.Equal("closing the pool", KernelOutcome.Done, _pool.Close());
    }
}
