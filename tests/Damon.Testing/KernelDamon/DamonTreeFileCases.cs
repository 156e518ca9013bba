using static Damon.Testing.KernelDamon.DamonTreeNeeds;
using static Damon.Testing.KernelDamon.DamonTreeScript;
using static Damon.Testing.KernelDamon.KernelErrno;

namespace Damon.Testing.KernelDamon;

/// <summary>What the files hold at first, and what they take.</summary>
internal static class DamonTreeFileCases
{
    private const string Scheme = $"{Context}/schemes/0";
    private const string Filter = $"{Scheme}/filters/0";
    private const string Goal = $"{Scheme}/quotas/goals/0";

    public static IReadOnlyList<DamonTreeCase> All { get; } =
    [
        new("A_fresh_kdamond_is_off_and_has_no_context", Nothing, tree =>
        {
            tree.Set("kdamonds/nr_kdamonds", "2");
            tree.Is("kdamonds/1/state", "off");
            tree.Is("kdamonds/1/pid", "-1");
            tree.Is("kdamonds/1/contexts/nr_contexts", "0");
            tree.Exists("kdamonds/1/contexts/0", expected: false);
            tree.Exists("kdamonds/2", expected: false);
        }),
        new("A_fresh_context_looks_at_processes_every_five_milliseconds", Nothing, tree =>
        {
            tree.MakeContext();
            Hold(tree, Context, ("operations", "vaddr"), ("targets/nr_targets", "0"), ("schemes/nr_schemes", "0"));
            Hold(
                tree, $"{Context}/monitoring_attrs", ("intervals/sample_us", "5000"), ("intervals/aggr_us", "100000"), ("intervals/update_us", "60000000"),
                ("nr_regions/min", "10"), ("nr_regions/max", "1000"));
            tree.Is($"{Context}/avail_operations", "vaddr\nfvaddr\npaddr");
        }),
        new("A_fresh_context_of_a_newer_kernel_is_not_tuned_and_does_not_rest", With("pause"), tree =>
        {
            tree.MakeContext();
            tree.Is($"{Kdamond}/refresh_ms", "0");
            Hold(tree, Context, ("pause", "N"), ("addr_unit", "1"), ("monitoring_attrs/probes/nr_probes", "0"));
            Hold(
                tree, $"{Context}/monitoring_attrs/intervals/intervals_goal", ("access_bp", "0"), ("aggrs", "0"), ("min_sample_us", "0"), ("max_sample_us", "0"));
        }),
        new("A_fresh_target_has_no_process_and_no_ranges", Nothing, tree =>
        {
            tree.MakeContext();
            tree.Set($"{Context}/targets/nr_targets", "1");
            Hold(tree, $"{Context}/targets/0", ("pid_target", "0"), ("regions/nr_regions", "0"));
        }),
        new("A_fresh_scheme_counts_only_regions_of_no_size", Nothing, tree =>
        {
            MakeScheme(tree);
            Hold(
                tree, Scheme, ("action", "stat"), ("apply_interval_us", "0"), ("target_nid", "-1"), ("access_pattern/sz/min", "0"), ("access_pattern/sz/max", "0"),
                ("access_pattern/nr_accesses/max", "0"), ("access_pattern/age/max", "0"), ("quotas/ms", "0"), ("quotas/bytes", "0"), ("quotas/reset_interval_ms", "0"),
                ("quotas/effective_bytes", "0"), ("quotas/weights/sz_permil", "0"), ("quotas/weights/nr_accesses_permil", "0"), ("quotas/weights/age_permil", "0"),
                ("quotas/goals/nr_goals", "0"), ("watermarks/metric", "none"), ("watermarks/interval_us", "0"), ("watermarks/high", "0"), ("watermarks/mid", "0"),
                ("watermarks/low", "0"), ("filters/nr_filters", "0"), ("stats/nr_tried", "0"), ("stats/sz_tried", "0"), ("stats/nr_applied", "0"), ("stats/sz_applied", "0"),
                ("stats/qt_exceeds", "0"), ("tried_regions/total_bytes", "0"));
        }),
        new("A_fresh_scheme_of_a_newer_kernel_never_ends", With("schemes/0/stats/max_nr_snapshots"), tree =>
        {
            MakeScheme(tree);
            Hold(
                tree, Scheme, ("stats/nr_snapshots", "0"), ("stats/max_nr_snapshots", "0"), ("stats/sz_ops_filter_passed", "0"), ("quotas/goal_tuner", "consist"),
                ("quotas/fail_charge_num", "0"), ("quotas/fail_charge_denom", "0"), ("core_filters/nr_filters", "0"), ("ops_filters/nr_filters", "0"), ("dests/nr_dests", "0"));
        }),
        new("A_fresh_filter_is_about_what_is_not_anonymous", Nothing, tree =>
        {
            MakeScheme(tree);
            tree.Set($"{Scheme}/filters/nr_filters", "1");
            Hold(tree, Filter, ("type", "anon"), ("matching", "N"), ("memcg_path", ""), ("addr_start", "0"), ("addr_end", "0"), ("damon_target_idx", "0"));
        }),
        new("A_fresh_filter_on_regions_has_a_type_that_it_does_not_take", With("schemes/0/core_filters/nr_filters"), tree =>
        {
            MakeScheme(tree);
            tree.Set($"{Scheme}/core_filters/nr_filters", "1");
            Hold(tree, $"{Scheme}/core_filters/0", ("type", "anon"), ("matching", "N"), ("allow", "N"), ("min", "0"), ("max", "0"));
            tree.Refused($"{Scheme}/core_filters/0/type", "anon", EINVAL);
        }),
        new("A_fresh_goal_is_fed_by_the_user_and_not_followed", Nothing, tree =>
        {
            MakeGoal(tree);
            Hold(tree, Goal, ("target_metric", "user_input"), ("target_value", "0"), ("current_value", "0"));
        }),
        new("Writing_the_number_of_kdamonds_again_removes_their_contexts", Nothing, tree =>
        {
            tree.MakeContext();
            tree.Set("kdamonds/nr_kdamonds", "1");
            tree.Is($"{Kdamond}/contexts/nr_contexts", "0");
        }),
        new("Writing_the_number_of_contexts_again_resets_their_files", Nothing, tree =>
        {
            tree.MakeContext();
            tree.Set($"{Context}/operations", "paddr");
            tree.Set($"{Kdamond}/contexts/nr_contexts", "1");
            tree.Is($"{Context}/operations", "vaddr");
        }),
        new("Writing_the_number_of_targets_again_resets_their_files", Nothing, tree =>
        {
            tree.MakeContext();
            tree.MakeTargets(new DamonTreeTarget(2, 0x1000, 0x2000));
            tree.Set($"{Context}/targets/nr_targets", "1");
            Hold(tree, $"{Context}/targets/0", ("pid_target", "0"), ("regions/nr_regions", "0"));
        }),
        new("Writing_the_number_of_schemes_again_resets_their_files", Nothing, tree =>
        {
            MakeScheme(tree);
            tree.Set($"{Scheme}/action", "pageout");
            tree.Set($"{Context}/schemes/nr_schemes", "1");
            tree.Is($"{Scheme}/action", "stat");
        }),
        new("Writing_the_number_of_filters_again_resets_their_files", Nothing, tree =>
        {
            MakeScheme(tree);
            tree.MakeFilter(0, "addr", ("addr_start", "4096"));
            tree.Set($"{Scheme}/filters/nr_filters", "1");
            Hold(tree, Filter, ("type", "anon"), ("addr_start", "0"));
        }),
        new("A_kdamond_has_at_most_one_context", Nothing, tree =>
        {
            tree.MakeContext();
            tree.Refused($"{Kdamond}/contexts/nr_contexts", "2", EINVAL);
            tree.Exists(Context, expected: true);
        }),
        new("Negative_numbers_of_anything_are_refused", Nothing, tree =>
        {
            MakeGoal(tree);
            foreach (var file in new[] { "kdamonds/nr_kdamonds", $"{Kdamond}/contexts/nr_contexts", $"{Context}/targets/nr_targets", $"{Context}/schemes/nr_schemes",
                $"{Scheme}/filters/nr_filters", $"{Scheme}/quotas/goals/nr_goals" })
            {
                tree.Refused(file, "-1", EINVAL);
                tree.Refused(file, "one", EINVAL);
            }

            tree.Exists(Goal, expected: true);
        }),
        new("Numbers_are_read_in_the_bases_of_C", Nothing, tree =>
        {
            MakeScheme(tree);
            foreach (var (text, value) in new[] { ("0x10", "16"), ("010", "8"), ("+7", "7"), ("18446744073709551615", "18446744073709551615"), ("9\n", "9") })
            {
                tree.Set($"{Scheme}/access_pattern/sz/max", text);
                tree.Is($"{Scheme}/access_pattern/sz/max", value);
            }
        }),
        new("What_is_no_number_is_EINVAL_and_what_is_too_large_ERANGE", Nothing, tree =>
        {
            MakeScheme(tree);
            foreach (var text in new[] { "4K", " 5", "5 ", "1.5", "-1", "x", "0x", "09" })
            {
                tree.Refused($"{Scheme}/access_pattern/sz/max", text, EINVAL);
            }

            tree.Refused($"{Scheme}/access_pattern/sz/max", "18446744073709551616", ERANGE);
            tree.Refused($"{Scheme}/quotas/weights/age_permil", "4294967296", ERANGE);
            tree.Refused($"{Scheme}/target_nid", "2147483648", ERANGE);
            tree.Is($"{Scheme}/access_pattern/sz/max", "0");
        }),
        new("A_pid_or_a_budget_that_is_too_large_is_EINVAL", Nothing, tree =>
        {
            MakeScheme(tree);
            tree.Set($"{Context}/targets/nr_targets", "1");
            tree.Refused($"{Context}/targets/0/pid_target", "2147483648", EINVAL);
            tree.Refused($"{Scheme}/quotas/bytes", "18446744073709551616", EINVAL);
            tree.Refused($"{Scheme}/quotas/ms", "18446744073709551616", EINVAL);
        }),
        new("Accesses_above_32_bits_are_taken_as_they_are", Nothing, tree =>
        {
            MakeScheme(tree);
            tree.Set($"{Scheme}/access_pattern/nr_accesses/max", "4294967296");
            tree.Is($"{Scheme}/access_pattern/nr_accesses/max", "4294967296");
        }),
        new("Flags_are_told_by_their_first_letters", Nothing, tree =>
        {
            MakeScheme(tree);
            tree.Set($"{Scheme}/filters/nr_filters", "1");
            foreach (var (text, value) in new[] { ("Y", "Y"), ("n", "N"), ("1", "Y"), ("0", "N"), ("true", "Y"), ("off", "N"), ("on", "Y"), ("no", "N") })
            {
                tree.Set($"{Filter}/matching", text);
                tree.Is($"{Filter}/matching", value);
            }

            tree.Refused($"{Filter}/matching", "2", EINVAL);
            tree.Refused($"{Filter}/matching", "o", EINVAL);
        }),
        new("A_word_may_end_with_a_newline_and_with_nothing_else", Nothing, tree =>
        {
            tree.MakeContext();
            tree.Set($"{Context}/operations", "paddr\n");
            tree.Is($"{Context}/operations", "paddr");
            tree.Refused($"{Context}/operations", "vaddr ", EINVAL);
            tree.Refused($"{Context}/operations", "VADDR", EINVAL);
        }),
        new("Every_kernel_takes_these_words", Nothing, tree =>
        {
            MakeGoal(tree);
            tree.Set($"{Scheme}/filters/nr_filters", "1");
            Take(tree, $"{Context}/operations", "vaddr", "fvaddr", "paddr");
            Take(
                tree, $"{Scheme}/action", "willneed", "cold", "pageout", "hugepage", "nohugepage", "lru_prio", "lru_deprio", "migrate_hot", "migrate_cold", "stat");
            Take(tree, $"{Scheme}/watermarks/metric", "none", "free_mem_rate");
            Take(tree, $"{Filter}/type", "anon", "memcg", "young", "addr", "target");
            Take(tree, $"{Goal}/target_metric", "user_input", "some_mem_psi_us");
            tree.Refused($"{Scheme}/action", "reclaim", EINVAL);
            tree.Refused($"{Filter}/type", "page", EINVAL);
            tree.Refused($"{Goal}/target_metric", "psi", EINVAL);
        }),
        new("Newer_kernels_take_more_words", With("schemes/0/quotas/goal_tuner"), tree =>
        {
            MakeGoal(tree);
            tree.Set($"{Scheme}/core_filters/nr_filters", "1");
            tree.Set($"{Scheme}/ops_filters/nr_filters", "1");
            Take(tree, $"{Scheme}/action", "collapse");
            Take(tree, $"{Scheme}/quotas/goal_tuner", "temporal", "consist");
            Take(tree, $"{Scheme}/core_filters/0/type", "addr", "target");
            Take(tree, $"{Scheme}/ops_filters/0/type", "anon", "active", "memcg", "young", "hugepage_size", "unmapped");
            Take(
                tree, $"{Goal}/target_metric", "node_mem_used_bp", "node_mem_free_bp", "node_memcg_used_bp", "node_memcg_free_bp", "active_mem_bp", "inactive_mem_bp",
                "node_eligible_mem_bp");
        }),
        new("Older_kernels_do_not_take_them", Without("schemes/0/core_filters/nr_filters"), tree =>
        {
            MakeGoal(tree);
            tree.Set($"{Scheme}/filters/nr_filters", "1");
            tree.Refused($"{Scheme}/action", "collapse", EINVAL);
            tree.Refused($"{Filter}/type", "hugepage_size", EINVAL);
            tree.Refused($"{Goal}/target_metric", "node_mem_used_bp", EINVAL);
            tree.Exists($"{Filter}/allow", expected: false);
            tree.Exists($"{Scheme}/dests", expected: false);
            tree.Exists($"{Scheme}/stats/nr_snapshots", expected: false);
            tree.Exists($"{Scheme}/stats/sz_ops_filter_passed", expected: false);
            tree.Exists($"{Goal}/path", expected: false);
            tree.Exists($"{Kdamond}/refresh_ms", expected: false);
            tree.Exists($"{Context}/pause", expected: false);
        }),
        new("Filters_on_regions_and_on_pages_do_not_share_a_folder", With("schemes/0/core_filters/nr_filters"), tree =>
        {
            MakeScheme(tree);
            tree.Set($"{Scheme}/core_filters/nr_filters", "1");
            tree.Set($"{Scheme}/ops_filters/nr_filters", "1");
            tree.Refused($"{Scheme}/core_filters/0/type", "memcg", EINVAL);
            tree.Refused($"{Scheme}/ops_filters/0/type", "addr", EINVAL);
            tree.Refused($"{Scheme}/ops_filters/0/type", "target", EINVAL);
        }),
        new("A_unit_of_no_bytes_is_refused", With("addr_unit"), tree =>
        {
            tree.MakeContext();
            tree.Refused($"{Context}/addr_unit", "0", EINVAL);
            tree.Set($"{Context}/addr_unit", "3");
        }),
        new("Destinations_are_numbers_of_nodes_with_weights", With("schemes/0/dests/nr_dests"), tree =>
        {
            MakeScheme(tree);
            tree.Set($"{Scheme}/dests/nr_dests", "2");
            Hold(tree, $"{Scheme}/dests/1", ("id", "0"), ("weight", "0"));
            tree.Refused($"{Scheme}/dests/1/id", "-1", EINVAL);
        }),
        new("What_only_the_kernel_says_cannot_be_written", Nothing, tree =>
        {
            MakeScheme(tree);
            foreach (var file in new[] { $"{Kdamond}/pid", $"{Context}/avail_operations", $"{Scheme}/stats/nr_tried", $"{Scheme}/quotas/effective_bytes",
                $"{Scheme}/tried_regions/total_bytes" })
            {
                tree.Refused(file, "1", EACCES);
            }
        }),
        new("A_file_that_is_not_there_is_ENOENT", Nothing, tree =>
        {
            tree.MakeContext();
            tree.Refused($"{Context}/nothing", "1", ENOENT);
            tree.Refused($"{Context}/schemes/0/action", "stat", ENOENT);
            tree.Exists($"{Context}/schemes/0/action", expected: false);
        }),
        new("A_path_of_a_group_is_kept_as_it_is", Nothing, tree =>
        {
            MakeScheme(tree);
            tree.MakeFilter(0, "memcg", ("memcg_path", "/no/such group"));
            tree.Is($"{Filter}/memcg_path", "/no/such group");
        }),
    ];

    private static void Hold(DamonTreeScript tree, string folder, params ReadOnlySpan<(string File, string Text)> files)
    {
        foreach (var (file, text) in files)
        {
            tree.Is($"{folder}/{file}", text);
        }
    }

    private static void Take(DamonTreeScript tree, string path, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            tree.Set(path, word);
            tree.Is(path, word);
        }
    }

    private static void MakeScheme(DamonTreeScript tree)
    {
        tree.MakeContext();
        tree.Set($"{Context}/schemes/nr_schemes", "1");
    }

    private static void MakeGoal(DamonTreeScript tree)
    {
        MakeScheme(tree);
        tree.Set($"{Scheme}/quotas/goals/nr_goals", "1");
    }
}
