#include <algorithm>

#include "file/keys.h"
#include "file/writer.h"

namespace tablinum::seal {
namespace {

constexpr std::size_t kCopyBytes = std::size_t{256} << 10;

Result<std::vector<Stanza>> without(std::vector<Stanza> stanzas, std::vector<std::size_t> removed) {
  std::ranges::sort(removed, std::greater{});
  for (std::size_t i = 0; i < removed.size(); ++i) {
    const bool twice = i > 0 && removed[i] == removed[i - 1];
    if (twice || removed[i] >= stanzas.size()) return fail(Code::invalid, "no such recipient in this file");
    stanzas.erase(stanzas.begin() + static_cast<std::ptrdiff_t>(removed[i]));
  }
  return stanzas;
}

Result<void> copy_rest(Source& in, Sink& out, const Run& run) {
  Bytes buffer(kCopyBytes);
  for (std::uint64_t done = 0;;) {
    TRY(got, read_full(in, buffer));
    if (got == 0) return {};
    CHECK_OK(out.write(ByteView{buffer}.first(got)));
    done += got;
    CHECK_OK(file::report(run, done));
  }
}

}  // namespace

Result<Header> change_header(Source& in, Sink& out, Openers keys, const HeaderChange& change, const Run& run) {
  TRY(file, file::unlock(in, keys, {}));
  TRY(stanzas, without(std::move(file.header.stanzas), change.remove));
  const Digest core = core_hash(file.header);
  for (const Recipient* recipient : change.add) {
    TRY(stanza, recipient->wrap(file.key, core));
    file::insert_stanza(stanzas, std::move(stanza));
  }
  file.header.stanzas = std::move(stanzas);
  CHECK_OK(file::authenticate(file.header, file.key, change.signer));
  CHECK_OK(out.write(serialize(file.header)));
  CHECK_OK(copy_rest(in, out, run));
  CHECK_OK(out.finish());
  return std::move(file.header);
}

}  // namespace tablinum::seal
