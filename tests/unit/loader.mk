# SPDX-License-Identifier: GPL-2.0-only
#
# The unit tests of loader/: paths are relative to the root of the repository.

LOADER_TESTS := loader_parse loader_suggest loader_histogram loader_json loader_options \
		loader_command loader_verifier_log loader_policy_name loader_status loader_metrics loader_tunable loader_cpu_list \
		loader_calls loader_config loader_doctor loader_doctor_nic loader_disk loader_top loader_trace_file loader_trace_pages loader_trace_counts \
		loader_fit loader_fit_scene loader_target loader_limit_notes loader_legs loader_device_options loader_presence loader_trial_rule

loader_parse_SRCS := tests/unit/loader_parse.c loader/base/parse.c common/quantity.c
loader_parse_LIBS := -lcmocka -lm

loader_suggest_SRCS := tests/unit/loader_suggest.c loader/base/suggest.c
loader_suggest_LIBS := -lcmocka

loader_histogram_SRCS := tests/unit/loader_histogram.c loader/base/histogram.c
loader_histogram_LIBS := -lcmocka -lm

loader_json_SRCS := tests/unit/loader_json.c common/json.c
loader_json_LIBS := -lcmocka -lm

loader_options_SRCS := tests/unit/loader_options.c loader/base/options.c loader/base/suggest.c \
		       loader/base/error.c common/one_line.c
loader_options_LIBS := -lcmocka

loader_command_SRCS := tests/unit/loader_command.c loader/command.c loader/find.c loader/help.c \
		       loader/base/suggest.c loader/base/error.c common/one_line.c
loader_command_LIBS := -lcmocka

loader_verifier_log_SRCS := tests/unit/loader_verifier_log.c loader/base/verifier_log.c
loader_verifier_log_LIBS := -lcmocka

loader_policy_name_SRCS := tests/unit/loader_policy_name.c loader/policies/find.c \
			   loader/base/install.c loader/base/suggest.c loader/base/error.c \
			   common/one_line.c
loader_policy_name_LIBS := -lcmocka

loader_status_SRCS := tests/unit/loader_status.c loader/domains/sample.c loader/kernel/state.c \
		      common/json.c loader/base/histogram.c loader/domains/status_table.c \
		      loader/domains/status_json.c loader/devices/render.c \
		      loader/devices/leg.c loader/devices/leg_render.c \
		      loader/domains/limit_notes.c loader/cgroups/limits.c loader/cgroups/path.c \
		      loader/base/sysfile.c common/quantity.c
loader_status_LIBS := -lcmocka -lm

loader_metrics_SRCS := tests/unit/loader_metrics.c loader/domains/metrics.c loader/domains/sample.c \
		       loader/devices/leg.c \
		       loader/base/histogram.c loader/domains/limit_notes.c loader/cgroups/limits.c \
		       loader/cgroups/path.c loader/base/sysfile.c common/quantity.c
loader_metrics_LIBS := -lcmocka -lm

loader_tunable_SRCS := tests/unit/loader_tunable.c loader/policies/tunable.c \
		       loader/policies/variable_btf.c loader/policies/counter.c \
		       loader/policies/tunable_btf.c loader/policies/tunable_setting.c \
		       loader/policies/tunable_keep.c \
		       loader/base/suggest.c loader/base/error.c common/one_line.c
loader_tunable_LIBS := $(LIBBPF_DIR)/libbpf.a -lcmocka -lelf -lz

loader_calls_SRCS := tests/unit/loader_calls.c loader/policies/calls.c loader/kernel/state.c \
		     common/json.c common/one_line.c
loader_calls_LIBS := -lcmocka -lm

loader_config_SRCS := tests/unit/loader_config.c loader/configuration/file.c loader/base/error.c \
		      common/one_line.c loader/base/exit_codes.c
loader_config_LIBS := -lcmocka

loader_cpu_list_SRCS := tests/unit/loader_cpu_list.c loader/base/cpu_list.c
loader_cpu_list_LIBS := -lcmocka

loader_doctor_SRCS := tests/unit/loader_doctor.c loader/doctor/findings.c common/json.c \
		      loader/base/error.c common/one_line.c
loader_doctor_LIBS := -lcmocka -lm

loader_doctor_nic_SRCS := tests/unit/loader_doctor_nic.c loader/doctor/nic.c \
			  loader/doctor/machine.c loader/doctor/findings.c loader/base/sysfile.c \
			  loader/base/cpu_list.c loader/base/error.c common/json.c common/one_line.c
loader_doctor_nic_LIBS := -lcmocka -lm

loader_disk_SRCS := tests/unit/loader_disk.c loader/doctor/disk.c loader/devices/disk.c \
		    loader/doctor/findings.c loader/base/sysfile.c loader/base/error.c \
		    loader/base/exit_codes.c common/json.c common/one_line.c
loader_disk_LIBS := -lcmocka -lm

loader_top_SRCS := tests/unit/loader_top.c loader/domains/top_view.c loader/domains/sample.c \
		   loader/base/histogram.c loader/domains/limit_notes.c loader/cgroups/limits.c \
		   loader/cgroups/path.c loader/base/sysfile.c common/quantity.c \
		   loader/devices/render.c loader/devices/leg.c loader/devices/leg_render.c \
		   loader/kernel/state.c common/json.c
loader_top_LIBS := -lcmocka -lm

loader_trial_rule_SRCS := tests/unit/loader_trial_rule.c loader/domains/trial_rule.c \
			  loader/base/parse.c loader/base/histogram.c common/quantity.c
loader_trial_rule_LIBS := -lcmocka -lm

loader_trace_file_SRCS := tests/unit/loader_trace_file.c loader/tracing/file.c
loader_trace_file_LIBS := -lcmocka

loader_trace_pages_SRCS := tests/unit/loader_trace_pages.c loader/tracing/pages.c \
			   loader/tracing/file.c
loader_trace_pages_LIBS := -lcmocka

loader_trace_counts_SRCS := tests/unit/loader_trace_counts.c loader/tracing/counts.c \
			    loader/tracing/render.c loader/base/histogram.c common/json.c
loader_trace_counts_LIBS := -lcmocka -lm

loader_fit_SRCS := tests/unit/loader_fit.c loader/devices/fit.c loader/kernel/memory.c
loader_fit_LIBS := -lcmocka

loader_fit_scene_SRCS := tests/unit/loader_fit_scene.c loader/devices/fit_scene.c \
			 loader/devices/fit.c loader/cgroups/limits.c loader/cgroups/path.c \
			 loader/base/sysfile.c common/quantity.c
loader_fit_scene_LIBS := -lcmocka

loader_target_SRCS := tests/unit/loader_target.c loader/devices/target.c loader/base/error.c \
		      common/one_line.c
loader_target_LIBS := -lcmocka

loader_presence_SRCS := tests/unit/loader_presence.c loader/kernel/presence.c loader/base/error.c \
			loader/base/sysfile.c common/one_line.c
loader_presence_LIBS := -lcmocka

loader_limit_notes_SRCS := tests/unit/loader_limit_notes.c loader/domains/limit_notes.c \
			   loader/cgroups/limits.c loader/cgroups/path.c loader/base/sysfile.c \
			   common/quantity.c
loader_limit_notes_LIBS := -lcmocka

loader_legs_SRCS := tests/unit/loader_legs.c loader/devices/leg.c loader/devices/leg_render.c \
		    loader/devices/sync_view.c loader/devices/disk.c loader/doctor/legs.c \
		    loader/doctor/findings.c loader/kernel/genl_attrs.c loader/kernel/state.c \
		    loader/base/sysfile.c loader/base/error.c loader/base/exit_codes.c \
		    common/json.c common/one_line.c
loader_legs_CFLAGS := $(shell pkg-config --cflags libnl-3.0 libnl-genl-3.0)
loader_legs_LIBS := $(shell pkg-config --libs libnl-3.0 libnl-genl-3.0) -lcmocka -lm

loader_device_options_SRCS := tests/unit/loader_device_options.c \
			      loader/configuration/device_options.c \
			      loader/configuration/leg_shape.c loader/configuration/leg_match.c \
			      loader/configuration/store_options.c loader/configuration/written.c \
			      loader/configuration/file.c loader/devices/leg.c \
			      loader/devices/disk.c loader/base/address.c loader/base/parse.c \
			      loader/base/secret.c loader/base/suggest.c loader/base/sysfile.c \
			      loader/base/error.c loader/base/exit_codes.c common/one_line.c \
			      common/quantity.c common/secret.c
loader_device_options_LIBS := -lcmocka -lm
