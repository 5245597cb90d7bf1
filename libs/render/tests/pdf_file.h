#pragma once
/// A PDF as other programs read it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

namespace tablinum::render {

/// A file that another program reads: poppler's tools, which know nothing of the library that wrote it.
class PdfFile {
 public:
  explicit PdfFile(const std::string& bytes) {
    path_ = std::filesystem::temp_directory_path() / ("tablinum-pdf-test-" + std::to_string(getpid()) + ".pdf");
    std::ofstream{path_, std::ios::binary} << bytes;
  }
  ~PdfFile() { std::filesystem::remove(path_); }
  PdfFile(const PdfFile&) = delete;

  std::string info() const { return output("pdfinfo " + path_.string()); }
  std::string fonts() const { return output("pdffonts " + path_.string()); }
  std::string text(int page = 0) const {
    const auto pages = page == 0 ? std::string{} : " -f " + std::to_string(page) + " -l " + std::to_string(page);
    return output("pdftotext -layout" + pages + " " + path_.string() + " -");
  }
  /// Nothing where qpdf finds no fault.
  std::string faults() const {
    const std::string said = output("qpdf --check " + path_.string());
    return said.find("No syntax or stream encoding errors found") == said.npos ? said : std::string{};
  }
  std::string structure() const { return output("pdfinfo -struct-text " + path_.string()); }
  /// Dark spots of a page drawn at 20 dots an inch.
  std::size_t dark_spots(int page) const {
    const std::string number = std::to_string(page);
    const std::string picture = output("pdftoppm -gray -r 20 -f " + number + " -l " + number + " " + path_.string());
    return static_cast<std::size_t>(std::ranges::count_if(picture, [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  }

 private:
  static std::string output(const std::string& command) {
    std::string text;
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    EXPECT_NE(pipe, nullptr);
    std::array<char, 4096> part;
    for (std::size_t size = 0; (size = fread(part.data(), 1, part.size(), pipe)) > 0;) text.append(part.data(), size);
    EXPECT_EQ(pclose(pipe), 0) << command << ": " << text;
    return text;
  }
  std::filesystem::path path_;
};

}  // namespace tablinum::render
