#include <gtest/gtest.h>
#include <zip.h>

#include <unistd.h>

#include "gedcom_util.h"
#include "tablinum/tree/gedcom/gedzip.h"

namespace tablinum::tree::gedcom {
namespace {

constexpr std::string_view kGedcom = "0 HEAD\n1 GEDC\n2 VERS 7.0\n0 TRLR\n";

std::string temporary_path() {
  const auto* const info = testing::UnitTest::GetInstance()->current_test_info();
  const auto name = std::string{"tablinum_"} + info->name() + "_" + std::to_string(getpid()) + ".gdz";
  return (std::filesystem::temp_directory_path() / name).string();
}

struct Packed {
  std::string name, bytes;
};

/// An archive as somebody else may have made it: any names. `link`: the entry that is a symbolic link.
std::string archive_of(const std::vector<Packed>& entries, std::string_view link = {}) {
  const auto path = temporary_path();
  zip_t* const archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  for (const auto& [name, bytes] : entries) {
    const auto index =
        zip_file_add(archive, name.c_str(), zip_source_buffer(archive, bytes.data(), bytes.size(), 0), ZIP_FL_ENC_UTF_8);
    EXPECT_GE(index, 0) << name;
    if (name == link)
      zip_file_set_external_attributes(archive, static_cast<zip_uint64_t>(index), 0, ZIP_OPSYS_UNIX, 0120777u << 16);
  }
  EXPECT_EQ(zip_close(archive), 0);
  auto bytes = slurp(path);
  std::filesystem::remove(path);
  return bytes;
}

std::string unpacked(const ZipReader& zip, const ZipEntry& entry) {
  std::string out;
  EXPECT_TRUE(zip.read(entry, [&](ByteView chunk) -> Result<void> { return out += text_of(chunk), Result<void>{}; }));
  return out;
}

std::vector<std::string> names_of(const ZipReader& zip) {
  std::vector<std::string> out;
  for (const auto& entry : zip.media()) out.push_back(entry.path);
  return out;
}

TEST(Zip, ReadsTheTreeAndItsFiles) {
  const auto bytes = archive_of({{"gedcom.ged", std::string{kGedcom}}, {"media/a b.jpg", "picture"}, {"Ünder.txt", "text"}});
  EXPECT_TRUE(looks_like_zip(bytes_of(bytes)));
  EXPECT_FALSE(looks_like_zip(bytes_of(kGedcom)));
  Findings findings;
  const auto zip = ZipReader::open(bytes_of(bytes), findings).value();
  EXPECT_EQ(unpacked(zip, zip.gedcom()), kGedcom);
  EXPECT_EQ(names_of(zip), (std::vector<std::string>{"media/a b.jpg", "Ünder.txt"}));
  ASSERT_NE(zip.find("media/a%20b.jpg"), nullptr);
  EXPECT_EQ(unpacked(zip, *zip.find("media/a%20b.jpg")), "picture");
  EXPECT_NE(zip.find("MEDIA/x/../A%20B.JPG"), nullptr) << "without regard to case where that is clear";
  EXPECT_NE(zip.find("%C3%BCnder.txt"), nullptr);
  EXPECT_EQ(zip.find("missing.jpg"), nullptr);
  EXPECT_EQ(findings.total(), 0u);
}

TEST(Zip, FromAFileToo) {
  const auto path = temporary_path() + ".copy";  // archive_of() uses the plain name
  std::ofstream{path, std::ios::binary} << archive_of({{"gedcom.ged", std::string{kGedcom}}});
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  ASSERT_NE(file, nullptr);
  Findings findings;
  const auto zip = ZipReader::open_file(fileno(file), findings);
  ASSERT_TRUE(zip) << describe(zip.error());
  EXPECT_EQ(unpacked(*zip, zip->gedcom()), kGedcom);
  std::fclose(file);
  std::filesystem::remove(path);
  Findings none;
  EXPECT_EQ(ZipReader::open_file(-1, none).error().code, Code::io);
}

TEST(Zip, LeavesOutNamesThatLeadAstray) {
  const std::vector<Packed> entries = {{"gedcom.ged", std::string{kGedcom}},
                                       {"../out.jpg", "x"},
                                       {"/etc/passwd", "x"},
                                       {"a/../../b", "x"},
                                       {"C:\\a.jpg", "x"},
                                       {"\\\\server\\a", "x"},
                                       {"link.jpg", "/etc/passwd"},
                                       {"Same.jpg", "1"},
                                       {"same.jpg", "2"},
                                       {"GEDCOM.GED", "3"},
                                       {"./plain.jpg", "x"}};
  Findings findings;
  const auto bytes = archive_of(entries, "link.jpg");
  const auto zip = ZipReader::open(bytes_of(bytes), findings).value();
  EXPECT_EQ(names_of(zip), (std::vector<std::string>{"Same.jpg", "plain.jpg"}));
  EXPECT_EQ(findings.count(FindingCode::zip_name_refused), 8u);
}

Code open_error(const std::string& bytes, ZipLimits limits = {}) {
  Findings findings;
  const auto zip = ZipReader::open(bytes_of(bytes), findings, limits);
  return zip ? Code{} : zip.error().code;
}

TEST(Zip, Errors) {
  const auto good = archive_of({{"gedcom.ged", std::string{kGedcom}}});
  EXPECT_EQ(open_error("not a zip"), Code::corrupt);
  EXPECT_EQ(open_error(good.substr(0, good.size() / 2)), Code::corrupt);
  EXPECT_EQ(open_error(archive_of({{"other.ged", std::string{kGedcom}}})), Code::corrupt);
}

TEST(Zip, DamagedContentIsNoticed) {
  auto bytes = archive_of({{"gedcom.ged", std::string{kGedcom}}});
  bytes[40 + 2] = static_cast<char>(bytes[40 + 2] ^ 0x55);  // behind the 30 bytes of header and the name
  Findings findings;
  const auto zip = ZipReader::open(bytes_of(bytes), findings);
  ASSERT_TRUE(zip);
  EXPECT_EQ(zip->read(zip->gedcom(), [](ByteView) -> Result<void> { return {}; }).error().code, Code::corrupt);
}

TEST(Zip, Limits) {
  const auto bytes = archive_of({{"gedcom.ged", std::string{kGedcom}}, {"a", "12345"}});
  const auto total = kGedcom.size() + 5;
  EXPECT_EQ(open_error(bytes, {.total_bytes_max = total}), Code{});
  EXPECT_EQ(open_error(bytes, {.total_bytes_max = total - 1}), Code::too_large);
  EXPECT_EQ(open_error(bytes, {.entries_max = 2}), Code{});
  EXPECT_EQ(open_error(bytes, {.entries_max = 1}), Code::limit);
  // Zeros pack about a thousand to one: a bomb from the floor on.
  EXPECT_EQ(open_error(archive_of({{"gedcom.ged", std::string{kGedcom}}, {"a", std::string(kZipRatioFloorBytes, '\0')}})),
            Code{});
  const auto bomb = archive_of({{"gedcom.ged", std::string{kGedcom}}, {"a", std::string(kZipRatioFloorBytes + 1, '\0')}});
  EXPECT_EQ(open_error(bomb), Code::too_large);
  EXPECT_EQ(open_error(bomb, {.ratio_max = 2000}), Code{});
}

TEST(Zip, PathsOfFilePayloads) {
  EXPECT_EQ(local_path_of("media/a%20b.jpg"), "media/a b.jpg");
  EXPECT_EQ(local_path_of("a//./b/../c.jpg"), "a/c.jpg");
  EXPECT_EQ(local_path_of("100%.jpg"), "100%.jpg");
  EXPECT_EQ(local_path_of("a\\b.jpg"), "a/b.jpg");
  for (const char* payload : {"", "/a", "../a", "a/../../b", "%2e%2e/a", "%2Fa", "http://x/a.jpg", "file:///a.jpg", "C:\\a.jpg",
                              "a%00b", "%FF", "."}) {
    EXPECT_FALSE(local_path_of(payload)) << payload;
  }
  for (const char* path : {"media/a b.jpg", "100%.jpg", "é/漢.jpg", "a#b?c", "ab:c"})
    EXPECT_EQ(local_path_of(file_payload_of(path)), path);
}

TEST(ZipWriter, WritesWhatTheReaderReads) {
  const auto path = temporary_path(), other = path + ".media";
  std::ofstream{other, std::ios::binary} << "picture";
  {
    auto writer = ZipWriter::create(path).value();
    EXPECT_EQ(writer.add("media/a.jpg", {}).error().code, Code::invalid) << "gedcom.ged comes first";
    ASSERT_TRUE(writer.add("gedcom.ged", bytes_of(kGedcom)));
    ASSERT_TRUE(writer.add_file("media/a b.jpg", other));
    EXPECT_EQ(writer.add("media/A B.jpg", {}).error().code, Code::exists);
    EXPECT_EQ(writer.add("../a", {}).error().code, Code::invalid);
    EXPECT_EQ(writer.add_file("b", other + ".missing").error().code, Code::io);
    ASSERT_TRUE(writer.finish());
  }
  Findings findings;
  const auto bytes = slurp(path);
  const auto zip = ZipReader::open(bytes_of(bytes), findings).value();
  EXPECT_EQ(zip.gedcom().index, 0u);
  EXPECT_EQ(unpacked(zip, zip.gedcom()), kGedcom);
  EXPECT_EQ(unpacked(zip, *zip.find("media/a%20b.jpg")), "picture");
  std::filesystem::remove(path);
  std::filesystem::remove(other);
}

TEST(ZipWriter, Errors) {
  EXPECT_EQ(ZipWriter::create("/no/such/folder/a.gdz").error().code, Code::io);
  auto writer = ZipWriter::create(temporary_path()).value();
  EXPECT_EQ(writer.finish().error().code, Code::invalid);
}

TEST(Zip, OfficialArchives) {
  const auto folder = std::filesystem::path{TABLINUM_SHARED} / "data/gedcom/gedcom7-official";
  for (const char* name : {"maximal70", "minimal70", "minimal71"}) {
    if (!std::filesystem::exists(folder / (std::string{name} + ".gdz"))) continue;
    const auto bytes = slurp(folder / (std::string{name} + ".gdz"));
    Findings findings;
    const auto zip = ZipReader::open(bytes_of(bytes), findings);
    ASSERT_TRUE(zip) << describe(zip.error());
    const auto loaded = load(unpacked(*zip, zip->gedcom()));
    ASSERT_TRUE(loaded);
    EXPECT_EQ(law_broken_by(*loaded), "");
    EXPECT_EQ(findings.total(), 0u);
  }
}

}  // namespace
}  // namespace tablinum::tree::gedcom
