using System.Text;
using CsCheck;
using Damon.Api.Schemes;
using Damon.NodeAgent.Cluster;
using Damon.NodeAgent.Pods;

namespace Damon.NodeAgent.Tests.Cluster;

public class PodReaderTests
{
    private const string Whole =
        """
        {"kind":"Pod","apiVersion":"v1",
         "metadata":{"name":"web-0","namespace":"shop","uid":"u-1","labels":{"app":"web"},"managedFields":[{"fieldsV1":{"f:metadata":{}}}]},
         "spec":{"nodeName":"n1","priority":1000,"priorityClassName":"high","overhead":{"memory":"16Mi"},
           "containers":[{"name":"main","env":[{"name":"X","value":"1"}],"resources":{"limits":{"memory":"1Gi"},"requests":{"cpu":"1","memory":"256Mi"}}},{"name":"other"}],
           "initContainers":[{"name":"setup","resources":{"requests":{"memory":"512Mi"}}},{"name":"proxy","restartPolicy":"Always","resources":{"requests":{"memory":"64Mi"}}}],
           "ephemeralContainers":[{"name":"debugger"}]},
         "status":{"phase":"Running","qosClass":"Burstable",
           "containerStatuses":[{"name":"main","containerID":"containerd://aa","state":{"running":{"startedAt":"2026-11-23T04:05:06Z"}}},
             {"name":"other","containerID":"containerd://bb","state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"running":{"startedAt":"2020-01-01T00:00:00Z"}}}],
           "initContainerStatuses":[{"name":"setup","containerID":"containerd://cc","state":{"terminated":{"exitCode":0}}},{"name":"proxy","containerID":"containerd://dd","state":{"running":{}}}],
           "ephemeralContainerStatuses":[{"name":"debugger","containerID":"containerd://ee","state":{"running":{"startedAt":"2026-11-23T05:00:00Z"}}}]}}
        """;

    [Fact]
    public void A_pod_is_read_with_its_containers_of_every_kind()
    {
        var pod = Read(Whole)!;

        (pod.Namespace, pod.Name, pod.Uid, pod.QosClass, pod.Phase, pod.Priority, pod.PriorityClassName).Should().Be(("shop", "web-0", "u-1", QosClass.Burstable, PodPhase.Running, 1000, "high"));
        (pod.IsStatic, pod.IsTerminating, pod.ConfigHash).Should().Be((false, false, ""));
        pod.Labels.Should().Equal(new Dictionary<string, string> { ["app"] = "web" });
        pod.Containers.Should().Equal(
            new ContainerRecord
            {
                Name = "main",
                RuntimeId = "containerd://aa",
                Running = true,
                StartedAt = new(2026, 11, 23, 4, 5, 6, TimeSpan.Zero),
                MemoryRequestBytes = 256 << 20,
            },
            new ContainerRecord { Name = "other", RuntimeId = "containerd://bb" },
            new ContainerRecord { Name = "setup", Kind = ContainerKind.Init, RuntimeId = "containerd://cc", MemoryRequestBytes = 512 << 20 },
            new ContainerRecord { Name = "proxy", Kind = ContainerKind.Sidecar, RuntimeId = "containerd://dd", Running = true, MemoryRequestBytes = 64 << 20 },
            new ContainerRecord { Name = "debugger", Kind = ContainerKind.Ephemeral, RuntimeId = "containerd://ee", Running = true, StartedAt = new(2026, 11, 23, 5, 0, 0, TimeSpan.Zero) });

        // The init container alone asks for more than all others together; and the runtime's own.
        pod.MemoryRequestBytes.Should().Be((512UL + 16) << 20);
    }

    [Theory]
    [InlineData("""{"containers":[{"name":"a","resources":{"requests":{"memory":"10"}}},{"name":"b","resources":{"requests":{"memory":"5"}}}]}""", 15)]
    [InlineData("""{"containers":[{"name":"a","resources":{"requests":{"memory":"10"}}}],"initContainers":[{"name":"i","resources":{"requests":{"memory":"11"}}}]}""", 11)]
    [InlineData("""{"containers":[{"name":"a","resources":{"requests":{"memory":"10"}}}],"initContainers":[{"name":"s","restartPolicy":"Always","resources":{"requests":{"memory":"2"}}}]}""", 12)]
    [InlineData(
        """{"containers":[{"name":"a","resources":{"requests":{"memory":"10"}}}],"initContainers":[{"name":"s","restartPolicy":"Always","resources":{"requests":{"memory":"2"}}},{"name":"i","resources":{"requests":{"memory":"11"}}}]}""",
        13)]
    [InlineData("""{"resources":{"requests":{"memory":"100"}},"containers":[{"name":"a","resources":{"requests":{"memory":"10"}}}]}""", 100)]
    [InlineData("""{"containers":[{"name":"a","resources":{"limits":{"memory":"10"}}}]}""", 0)]
    public void The_request_is_the_scheduler_s(string spec, ulong bytes) =>
        Read($$$"""{"metadata":{"name":"p","namespace":"n","uid":"u"},"spec":{{{spec}}}}""")!.MemoryRequestBytes.Should().Be(bytes);

    [Fact]
    public void Of_a_request_that_is_being_changed_the_larger_one_counts() =>
        Read("""
            {"metadata":{"name":"p","namespace":"n","uid":"u"},"spec":{"containers":[{"name":"a","resources":{"requests":{"memory":"10"}}}]},
             "status":{"containerStatuses":[{"name":"a","resources":{"requests":{"memory":"20"}}}]}}
            """)!.MemoryRequestBytes.Should().Be(20);

    [Theory]
    [InlineData("""{"kubernetes.io/config.mirror":"h","kubernetes.io/config.source":"file","kubernetes.io/config.hash":"h"}""", true, "h")]
    [InlineData("""{"kubernetes.io/config.source":"http"}""", true, "u")]
    [InlineData("""{"kubernetes.io/config.source":"api"}""", false, "u")]
    [InlineData("""{"kubernetes.io/config.hash":"somebody-else"}""", false, "u")]
    [InlineData("{}", false, "u")]
    public void A_static_pod_is_known_by_its_annotations(string annotations, bool isStatic, string cgroupUid)
    {
        var pod = Read($$$"""{"metadata":{"name":"p","namespace":"n","uid":"u","annotations":{{{annotations}}}}}""")!;
        (pod.IsStatic, pod.CgroupUid).Should().Be((isStatic, cgroupUid));
    }

    [Fact]
    public void A_pod_that_is_being_deleted_says_so() =>
        Read("""{"metadata":{"name":"p","namespace":"n","uid":"u","deletionTimestamp":"2026-01-01T00:00:00Z"}}""")!.IsTerminating.Should().BeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"metadata":{"name":"p","namespace":"n"}}""")]
    [InlineData("""{"metadata":{"name":"p","namespace":"n","uid":7}}""")]
    [InlineData("""{"metadata":{"name":"p","namespace":"n","uid":"u"}""")]
    [InlineData("""{"metadata":{"name":"p","namespace":"n","uid":"u"}} {}""")]
    [InlineData("""{"metadata":["name"],"spec":1}""")]
    public void What_names_no_pod_is_none(string json) => Read(json).Should().BeNull();

    [Fact]
    public void Fields_of_another_type_are_as_if_they_were_not_there_and_the_pod_is_left_alone()
    {
        var pod = Read("""
            {"metadata":{"name":"p","namespace":"n","uid":"u","labels":[1],"annotations":"x"},
             "spec":{"containers":{"name":"a"},"initContainers":[7,null,"x",{"name":3},{"name":"i","restartPolicy":{},"resources":[]}],"priority":"high","overhead":{"memory":{}}},
             "status":{"qosClass":5,"phase":[],"containerStatuses":[{"name":"i","containerID":{},"state":{"running":"yes"}}]}}
            """)!;

        (pod.QosClass, pod.Phase, pod.Priority, pod.MemoryRequestBytes).Should().Be((QosClass.Guaranteed, PodPhase.Unknown, 0, 0UL));
        pod.Containers.Should().Equal(new ContainerRecord { Name = "i", Kind = ContainerKind.Init });
    }

    [Fact]
    public void A_pod_that_is_cut_anywhere_is_none()
    {
        var bytes = Encoding.UTF8.GetBytes(Whole.TrimEnd());
        for (var length = 0; length < bytes.Length; length++)
        {
            PodReader.Read(bytes.AsSpan(0, length)).Should().BeNull();
        }
    }

    [Fact]
    public void Whatever_is_changed_in_a_pod_reading_it_throws_nothing() =>
        Gen.Select(Gen.Int[0, Whole.Length - 1], Gen.Byte, Gen.Int[0, Whole.Length - 1], Gen.Byte).Sample((first, a, second, b) =>
        {
            var bytes = Encoding.UTF8.GetBytes(Whole);
            (bytes[first], bytes[second]) = (a, b);
            PodReader.Read(bytes);
            PodReader.ReadLabels(bytes);
            NodeReader.Read(bytes);
        });

    [Theory]
    [InlineData("64Mi", 64UL << 20)]
    [InlineData("128974848", 128974848)]
    [InlineData("129e6", 129_000_000)]
    [InlineData("129E6", 129_000_000)]
    [InlineData("1E", 1_000_000_000_000_000_000)]
    [InlineData("129M", 129_000_000)]
    [InlineData("128974848000m", 128974848)]
    [InlineData("1.5Gi", 3UL << 29)]
    [InlineData("100m", 1)]
    [InlineData("1n", 1)]
    [InlineData("5e-1", 1)]
    [InlineData(".5Ki", 512)]
    [InlineData("0", 0)]
    [InlineData("-5", 0)]
    [InlineData("", 0)]
    [InlineData("Mi", 0)]
    [InlineData("1e999", 0)]
    [InlineData("1Q", 0)]
    [InlineData("99999999999999999999Ei", ulong.MaxValue)]
    public void Quantities_are_bytes_rounded_up(string text, ulong bytes) => MemoryQuantity.Parse(text).Should().Be(bytes);

    [Theory]
    [InlineData("""{"metadata":{"labels":{"damon.dev/paused":"true"}},"status":{"conditions":[{"type":"Ready","status":"True"},{"type":"MemoryPressure","status":"False"}]}}""", false, true)]
    [InlineData("""{"metadata":{"labels":{"damon.dev/paused":"yes"}},"status":{"conditions":[{"status":"True","type":"MemoryPressure"}]}}""", true, false)]
    [InlineData("""{"metadata":{},"status":{"conditions":[{"type":"MemoryPressure","status":"Unknown"}]}}""", null, false)]
    [InlineData("""{"metadata":{"labels":7},"status":{"conditions":{"type":"MemoryPressure","status":"True"}}}""", null, false)]
    public void A_node_is_read_for_its_pressure_and_its_pause(string json, bool? pressure, bool isPaused) =>
        NodeReader.Read(Encoding.UTF8.GetBytes(json)).Should().Be(new NodeRecord(pressure, isPaused));

    private static PodRecord? Read(string json) => PodReader.Read(Encoding.UTF8.GetBytes(json));
}
