#include "tablinum/models/gpu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace tablinum::models {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kAnswer =
    "0, NVIDIA H100 80GB HBM3, 81559, 12000, 69559, 41, 37, 212.55, 700.00\n"
    "1, Tesla T4, 15360, 15000, 360, 85, 95, 69.00, 70.00\n";

std::string temporary(const std::string& name) { return testing::TempDir() + "models_gpu_" + std::to_string(getpid()) + "_" + name; }

/// A program that stands in for nvidia-smi.
std::string script(const std::string& name, const std::string& body) {
  const auto path = temporary(name);
  std::ofstream{path} << "#!/bin/sh\n" << body << "\n";
  chmod(path.c_str(), 0755);
  return path;
}

struct Injected {
  explicit Injected(const std::string& what) { setenv("FAKE_NVML_FAIL", what.c_str(), 1); }
  ~Injected() { unsetenv("FAKE_NVML_FAIL"); }
};

TEST(Smi, TheContractsColumnsAreRead) {
  const auto gpus = parse_nvidia_smi(kAnswer);
  ASSERT_TRUE(gpus);
  ASSERT_EQ(gpus->size(), 2u);
  const auto& gpu = (*gpus)[0];
  EXPECT_EQ(gpu.name, "NVIDIA H100 80GB HBM3");
  EXPECT_EQ(gpu.memory_free_mb, 69559u);
  EXPECT_DOUBLE_EQ(*gpu.power_w, 212.55);
  EXPECT_DOUBLE_EQ(gpu_load(gpu), 0.5 * 12000 / 81559 + 0.3 * 0.37 + 0.2 * 41 / 85);
  EXPECT_EQ(health_status(gpu), "HEALTHY");
}

TEST(Smi, MissingReadingsAreTolerated) {
  const auto gpus = parse_nvidia_smi("0, NVIDIA GB10, [N/A], [N/A], [N/A], 41, [Not Supported], [Unknown Error], [N/A]\r\n\n3, A, B, 1, 2, 3, 4, 5, 6, 7\n");
  ASSERT_TRUE(gpus) << gpus.error().detail;
  EXPECT_EQ((*gpus)[0].memory_total_mb, std::nullopt);
  EXPECT_EQ((*gpus)[0].temperature_c, 41);
  EXPECT_EQ(health_status((*gpus)[0]), "HEALTHY");
  EXPECT_EQ(loads({{}, "", {(*gpus)[0]}}).at(0).memory_free_mb, 0u);
  EXPECT_EQ((*gpus)[1].name, "A, B");
  EXPECT_THAT(gpu_log_lines({Timestamp{5'000}, "", *gpus}), HasSubstr("5,0,NVIDIA GB10,N/A,N/A,N/A,N/A,N/A,41.0,N/A,N/A,HEALTHY\n"));
}

TEST(Smi, GarbageIsRefused) {
  for (const auto* text : {"NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n", "x, y\n", "a, b, 1, 2, 3, 4, 5, 6, 7\n",
                           "0, b, 1, 2\n", "-1, b, 1, 2, 3, 4, 5, 6, 7\n"}) {
    EXPECT_EQ(parse_nvidia_smi(text).error().code, Code::corrupt) << text;
  }
  EXPECT_TRUE(parse_nvidia_smi("")->empty());
}

TEST(Health, LabelsAtTheThresholdsThemselves) {
  Gpu gpu;
  EXPECT_EQ(health_status(gpu), "HEALTHY");
  gpu.power_limit_w = 100;
  gpu.power_w = 94.9;
  EXPECT_EQ(health_status(gpu), "HEALTHY");
  EXPECT_TRUE(is_near_limit(gpu));
  gpu.power_w = 95;
  EXPECT_EQ(health_status(gpu), "HIGH_POWER");
  gpu.utilization_percent = 95;
  EXPECT_EQ(health_status(gpu), "OVERLOADED");
  gpu.temperature_c = 85;
  EXPECT_EQ(health_status(gpu), "HOT");
  gpu.temperature_c = 84.9;
  gpu.utilization_percent = 94.9;
  gpu.power_w = 1;
  EXPECT_EQ(health_status(gpu), "HEALTHY");
  gpu.problem = "lost";
  EXPECT_EQ(health_status(gpu), "LOST");
}

TEST(Smi, AProgramThatAnswers) {
  const auto path = script("answers", "[ \"$2\" = --format=csv,noheader,nounits ] || exit 9\ncat <<'END'\n" + kAnswer + "END");
  const auto snapshot = open_nvidia_smi(path)->read();
  ASSERT_TRUE(snapshot) << snapshot.error().detail;
  EXPECT_EQ(snapshot->gpus.size(), 2u);
  EXPECT_EQ(snapshot->source, "nvidia-smi");
}

TEST(Smi, AProgramThatHangsIsEndedWithItsChildren) {
  const auto mark = temporary("child");
  const auto path = script("hangs", "sh -c 'sleep 3; touch " + mark + "' &\nsleep 60");
  const auto begin = monotonic_now();
  EXPECT_EQ(open_nvidia_smi(path, Duration::milliseconds(200))->read().error().code, Code::timeout);
  EXPECT_LT((monotonic_now() - begin).ns, 2'500'000'000);
  sleep(4);
  EXPECT_NE(access(mark.c_str(), F_OK), 0) << "its child lived on";
}

TEST(Smi, AProgramThatPrintsGarbageFailsOrIsNotThere) {
  EXPECT_EQ(open_nvidia_smi(script("garbage", "head -c 4000 /dev/zero"))->read().error().code, Code::corrupt);
  EXPECT_EQ(open_nvidia_smi(script("endless", "yes 0, a, 1, 2, 3, 4, 5, 6, 7"))->read().error().code, Code::corrupt);
  EXPECT_EQ(open_nvidia_smi(script("fails", "echo no driver >&2; exit 9"))->read().error().code, Code::unavailable);
  EXPECT_EQ(open_nvidia_smi(script("dies", "kill -9 $$"))->read().error().code, Code::unavailable);
  EXPECT_EQ(open_nvidia_smi(temporary("absent"))->read().error().code, Code::not_found);
  const auto path = script("disappears", "rm -f \"$0\"; echo '0, a, 1, 2, 3, 4, 5, 6, 7'");
  const auto reader = open_nvidia_smi(path);
  EXPECT_TRUE(reader->read());
  EXPECT_EQ(reader->read().error().code, Code::not_found);
}

TEST(Nvml, EverythingIsRead) {
  const auto reader = open_nvml(TABLINUM_FAKE_NVML);
  ASSERT_TRUE(reader) << reader.error().detail;
  const auto snapshot = (*reader)->read();
  ASSERT_TRUE(snapshot);
  ASSERT_EQ(snapshot->gpus.size(), 2u);
  const auto& gpu = snapshot->gpus[0];
  EXPECT_EQ(gpu.name, "Fake GPU 0");
  EXPECT_EQ(gpu.memory_total_mb, 81'920u);
  EXPECT_EQ(gpu.memory_used_mb, 20'480u);
  EXPECT_DOUBLE_EQ(*gpu.power_w, 123.4);
  EXPECT_EQ(gpu.clock_graphics_mhz, 1755u);
  EXPECT_EQ(gpu.ecc_corrected, 3u);
  EXPECT_THAT(gpu.throttle_reasons, ElementsAre("sw_power_cap", "hw_thermal"));
  EXPECT_EQ(gpu.mig, false);
  ASSERT_EQ(gpu.processes.size(), 20u) << "asked again with room for all";
  EXPECT_FALSE(gpu.processes[0].name.empty()) << "process 1 has a name";
  EXPECT_EQ(gpu.processes[1].memory_mb, std::nullopt);
  ASSERT_EQ(snapshot->gpus[1].mig_instances.size(), 2u) << "empty slots are skipped";
  EXPECT_EQ(snapshot->gpus[1].mig_instances[0].memory_used_mb, 1'024u);
}

TEST(Nvml, EveryErrorCodeOfEveryReading) {
  const auto reader = open_nvml(TABLINUM_FAKE_NVML);
  ASSERT_TRUE(reader);
  std::vector<int> codes{999, -1, 12345};
  for (int code = 1; code <= 30; ++code) codes.push_back(code);
  for (const auto* function : {"handle", "name", "uuid", "memory", "temperature", "utilization", "power", "limit", "clock", "throttle", "ecc", "mig",
                               "migcount", "migdevice", "processes"}) {
    for (const int code : codes) {
      const Injected injected{std::string{function} + ":" + std::to_string(code)};
      const auto snapshot = (*reader)->read();
      ASSERT_TRUE(snapshot) << function << code;
      ASSERT_EQ(snapshot->gpus.size(), 2u);
      const bool lost = (code == 15 || code == 16) && std::string_view{function} != "migdevice";
      EXPECT_EQ(health_status(snapshot->gpus[1]) == "LOST", lost || std::string_view{function} == "handle") << function << code;
      EXPECT_TRUE(parse_snapshot(snapshot_json(*snapshot)));
      gpu_screen(*snapshot, true);
      gpu_metrics(*snapshot);
    }
  }
  for (const int code : codes) {
    const Injected injected{"count:" + std::to_string(code)};
    const auto error = (*reader)->read().error().code;
    EXPECT_EQ(error, code == 4 ? Code::denied : code == 10 ? Code::timeout : Code::unavailable) << code;
  }
  for (const int code : codes) {
    const Injected injected{"init:" + std::to_string(code)};
    EXPECT_FALSE(open_nvml(TABLINUM_FAKE_NVML)) << code;
  }
}

TEST(Nvml, AbsentOrForeignLibraries) {
  EXPECT_EQ(open_nvml("/nowhere/libnvidia-ml.so.1").error().code, Code::not_found);
  EXPECT_EQ(open_nvml("libz.so.1").error().code, Code::not_found) << "a library without NVML's functions";
}

TEST(Sources, FallBackAndSayWhyNothingAnswers) {
  const auto answers = script("fallback", "cat <<'END'\n" + kAnswer + "END");
  const auto reader = open_gpus({"/nowhere.so", answers, ""});
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->read()->source, "nvidia-smi");
  EXPECT_EQ((*reader)->read()->gpus.size(), 2u);
  const auto none = open_gpus({"/nowhere.so", temporary("absent"), ""});
  EXPECT_EQ(none.error().code, Code::unavailable);
  EXPECT_THAT(none.error().detail, HasSubstr("/nowhere.so"));
  EXPECT_EQ((*open_gpus({TABLINUM_FAKE_NVML, answers, ""}))->read()->source, "nvml");
}

TEST(Trace, WhatIsRecordedIsPlayedBack) {
  const auto reader = open_nvml(TABLINUM_FAKE_NVML);
  const auto snapshot = (*reader)->read().value();
  const auto path = temporary("trace");
  std::ofstream{path} << snapshot_json(snapshot) << "\n\n" << snapshot_json(snapshot) << "\n";
  const auto replay = open_replay(path);
  ASSERT_TRUE(replay);
  for (int i = 0; i < 2; ++i) {
    auto again = (*replay)->read().value();
    EXPECT_EQ(again.source, "replay");
    again.source = "nvml";
    EXPECT_EQ(snapshot_json(again), snapshot_json(snapshot));
  }
  EXPECT_EQ((*replay)->read().error().code, Code::closed);
  EXPECT_EQ(open_replay("/nowhere.jsonl").error().code, Code::not_found);
  EXPECT_EQ(parse_snapshot("{}").error().code, Code::invalid);
  EXPECT_EQ(parse_snapshot("{").error().code, Code::corrupt);
}

TEST(Log, IsAppendedToAndKeepsWhatIsThere) {
  const auto path = temporary("folder") + "/deep/gpu.log";
  const GpuSnapshot snapshot{Timestamp{1'769'155'200'000}, "", parse_nvidia_smi(kAnswer).value()};
  ASSERT_TRUE(append_gpu_log(path, snapshot));
  ASSERT_TRUE(append_gpu_log(path, snapshot));
  std::ifstream file{path};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_EQ(text, std::string{gpu_log_header()} + gpu_log_lines(snapshot) + gpu_log_lines(snapshot));
  EXPECT_THAT(text, HasSubstr("1769155200,0,NVIDIA H100 80GB HBM3,37.0,12000,69559,81559,14.7,41.0,212.6,700.0,HEALTHY\n"));
  EXPECT_THAT(text, HasSubstr(",1,Tesla T4,95.0,15000,360,15360,97.7,85.0,69.0,70.0,HOT\n"));
  EXPECT_FALSE(append_gpu_log("/proc/nowhere/x.log", snapshot));
}

TEST(History, SumsUp) {
  GpuHistory history;
  const GpuSnapshot snapshot{Timestamp{}, "", parse_nvidia_smi(kAnswer).value()};
  history.add(snapshot);
  history.add(snapshot);
  EXPECT_THAT(history.text(), HasSubstr("Summary of 2 samples"));
  EXPECT_THAT(history.text(), HasSubstr("GPU 1 Tesla T4: util 95.0 / 95.0 %"));
  EXPECT_THAT(history.text(), HasSubstr("unhealthy in 2 of 2"));
}

TEST(Screen, Colours) {
  const GpuSnapshot snapshot{Timestamp{}, "", parse_nvidia_smi(kAnswer + "2, X, 1, 1, 0, 80, 1, 1, 9\n").value()};
  const auto text = gpu_screen(snapshot, true);
  EXPECT_THAT(text, HasSubstr("\x1b[32mNVIDIA H100"));
  EXPECT_THAT(text, HasSubstr("\x1b[31mTesla T4"));
  EXPECT_THAT(text, HasSubstr("\x1b[33mX"));
  EXPECT_EQ(gpu_screen(snapshot, false).find('\x1b'), std::string::npos);
  EXPECT_THAT(gpu_metrics(snapshot), HasSubstr("tablinum_models_gpu_temperature_celsius{gpu=\"1\",name=\"Tesla T4\"} 85\n"));
}

RC_GTEST_PROP(SmiProperty, AnyBytesAreReadOrRefused, (const std::string& text)) {
  const auto gpus = parse_nvidia_smi(text);
  if (!gpus) return;
  RC_ASSERT(parse_snapshot(snapshot_json({Timestamp{}, "x", parse_nvidia_smi(kAnswer).value()})).has_value());
}

}  // namespace
}  // namespace tablinum::models
