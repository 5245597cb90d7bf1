/// Static files: what is found, what can never be reached, and how it is cached.
#include "tablinum/net/static_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness.h"
#include "tablinum/net/router.h"

namespace tablinum::net {
namespace {

class StaticFiles : public testing::Test {
 protected:
  StaticFiles() {
    char name[] = "/tmp/tablinum-static-XXXXXX";
    root_ = ::mkdtemp(name);
    std::filesystem::create_directories(root_ + "/site/assets");
    put("secret.txt", "outside");
    put("site/index.html", "<p>index");
    put("site/.env", "hidden");
    put("site/assets/app-3f9a1c2b.js", "let a;");
    put("site/assets/app-3f9a1c2b.js.gz", "gzipped");
    put("site/assets/app-3f9a1c2b.js.zst", "zstd");
    put("site/assets/my-component.css", "p {}");
    std::filesystem::create_symlink("../secret.txt", root_ + "/site/link.txt");
    std::filesystem::create_symlink("assets/my-component.css", root_ + "/site/inner.css");
    ::mkfifo((root_ + "/site/fifo").c_str(), 0600);
  }
  ~StaticFiles() override { std::filesystem::remove_all(root_); }

  void put(const std::string& name, std::string_view text) { std::ofstream{root_ + "/" + name} << text; }

  struct Answer {
    Response response;
    std::string body;
  };
  Result<Answer> ask(std::string_view path, std::initializer_list<std::pair<Field, const char*>> fields = {}, std::string spa = {}, Method method = Method::get) {
    StaticOptions options;
    options.directory = root_ + "/site";
    options.spa_fallback = std::move(spa);
    const Handler handler = static_files(options).value();
    auto run = [&](io::Io& io) -> io::Task<Result<Answer>> {
      Request request;
      request.method = method;
      request.target = Target::parse(path).value();
      for (const auto& [field, value] : fields) request.headers.set(field, value);
      CO_TRY(response, co_await handler(io, request));
      Answer answer{std::move(response), {}};
      CO_TRY(text, co_await answer.response.body.read_all(io));
      answer.body = std::move(text);
      co_return std::move(answer);
    };
    return test::run_task(run);
  }

  std::string root_;
};

TEST_F(StaticFiles, ServesFilesAndTheIndex) {
  for (const char* path : {"/", "/index.html"}) EXPECT_EQ(ask(path)->body, "<p>index") << path;
  const auto css = ask("/assets/my-component.css");
  EXPECT_EQ(css->body, "p {}");
  EXPECT_EQ(css->response.headers.get(Field::content_type), "text/css; charset=utf-8");
  EXPECT_EQ(css->response.headers.get(Field::cache_control), "no-cache");
  EXPECT_TRUE(css->response.headers.contains(Field::last_modified));
  EXPECT_EQ(ask("/inner.css")->body, "p {}");
}

TEST_F(StaticFiles, NeverLeavesTheFolder) {
  for (const char* path : {"/link.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/../secret.txt", "/assets/..%2f..%2fsecret.txt", "/.env", "/assets/../.env",
                           "/fifo", "/assets", "/nothing", "/%2fetc/passwd", "//etc/passwd"}) {
    const auto answer = ask(path);
    ASSERT_FALSE(answer) << path;
    EXPECT_TRUE(answer.error().code == Code::not_found || answer.error().code == Code::invalid) << path;
  }
}

TEST_F(StaticFiles, HashedNamesAreImmutable) {
  const auto immutable = [&](const std::string& name) {
    put("site/assets/" + name, "x");
    return ask("/assets/" + name)->response.headers.get_or(Field::cache_control, "").contains("immutable");
  };
  for (const auto* name : {"app-3f9a1c2b.js", "index.DiwrgTda.css", "MapPage-a-jSzvkl.js", "home-D06-681n.js", "parts-BFzghU-f.js",
                           "fields-HPZ-APL6.js", "index--aB3dEf7.js"}) {
    EXPECT_TRUE(immutable(name)) << name;
  }
  for (const auto* name : {"my-component.css", "trip-May-2024.jpg", "trip-2024-001.jpg", "our-My-Photo.jpg", "tom-USA-2024.jpg",
                           "a-D06-681.js", "D06-681n.js"}) {
    EXPECT_FALSE(immutable(name)) << name;
  }
}

TEST_F(StaticFiles, SendsACompressedSibling) {
  const auto zstd = ask("/assets/app-3f9a1c2b.js", {{Field::accept_encoding, "gzip, zstd"}});
  EXPECT_EQ(zstd->body, "zstd");
  EXPECT_EQ(zstd->response.headers.get(Field::content_encoding), "zstd");
  EXPECT_EQ(zstd->response.headers.get(Field::content_type), "text/javascript; charset=utf-8");
  EXPECT_EQ(zstd->response.headers.get(Field::vary), "Accept-Encoding");
  EXPECT_EQ(ask("/assets/app-3f9a1c2b.js", {{Field::accept_encoding, "gzip, zstd;q=0"}})->body, "gzipped");
  EXPECT_EQ(ask("/assets/app-3f9a1c2b.js")->body, "let a;");
}

TEST_F(StaticFiles, FallsBackToThePageOfTheApplication) {
  EXPECT_EQ(ask("/people/7", {}, "index.html")->body, "<p>index");
  EXPECT_FALSE(ask("/missing.js", {}, "index.html"));
}

TEST_F(StaticFiles, AnswersConditionsAndRanges) {
  const auto whole = ask("/index.html");
  const std::string etag{*whole->response.headers.get(Field::etag)};
  EXPECT_EQ(ask("/index.html", {{Field::if_none_match, etag.c_str()}})->response.status, Status::not_modified);
  const auto part = ask("/index.html", {{Field::range, "bytes=3-4"}});
  EXPECT_EQ(part->response.status, Status::partial_content);
  EXPECT_EQ(part->body, "in");
  put("site/index.html", "<p>changed");
  EXPECT_EQ(ask("/index.html", {{Field::if_none_match, etag.c_str()}})->response.status, Status::ok);
  EXPECT_EQ(ask("/index.html", {}, {}, Method::post)->response.status, Status::method_not_allowed);
}

TEST_F(StaticFiles, AFileThatShrinksBreaksTheBodyOff) {
  auto file = OpenFile::open(root_ + "/site/index.html").value();
  ASSERT_EQ(::truncate((root_ + "/site/index.html").c_str(), 2), 0);
  auto run = [&](io::Io& io) -> io::Task<Result<std::string>> {
    Body body = Body::file({file, 0, file->size()});
    auto text = co_await body.read_all(io);
    co_return text;
  };
  EXPECT_EQ(test::run_task(run).error().code, Code::io);
}

TEST_F(StaticFiles, OpeningReportsWhatIsWrong) {
  EXPECT_EQ(OpenFile::open(root_ + "/nothing").error().code, Code::not_found);
  EXPECT_EQ(OpenFile::open(root_).error().code, Code::unsupported);
  StaticOptions options;
  options.directory = root_ + "/nothing";
  EXPECT_EQ(static_files(options).error().code, Code::invalid);
}

TEST(ContentType, ByExtension) {
  EXPECT_EQ(content_type_of("a/b.GED"), "text/vnd.familysearch.gedcom");
  EXPECT_EQ(content_type_of("x.tar.unknown"), "application/octet-stream");
  EXPECT_EQ(content_type_of("noextension"), "application/octet-stream");
}

}  // namespace
}  // namespace tablinum::net
