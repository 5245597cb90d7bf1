// Raw `lf` proofs from the command line, for tests and for comparing with other implementations; not installed. Circuits, inputs
// and proofs as docs/proof/lf.md describes them; files that end in .gz are unpacked.
//
//   proof_raw verify --circuit C[.gz] --public P --session HEX --rateinv R --nreq T [--block-enc N] PROOF
//   proof_raw prove  --circuit C[.gz] --inputs I[.gz] --session HEX --rateinv R --nreq T [--block-enc N] [--seed HEX] -o OUT
//
// Exit code 0: proven, or the proof holds; 1: it does not; 2: wrong usage; 3: a file cannot be read.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include <zlib.h>

#include "lf/layout.h"
#include "tablinum/proof/lf.h"
#include "tablinum/proof/transcript.h"

namespace tablinum::proof {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 31;

[[noreturn]] void stop(int code, const std::string& why) {
  std::fprintf(stderr, "proof_raw: %s\n", why.c_str());
  std::exit(code);
}

// zlib's reader takes plain files too.
Bytes read_file(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) stop(3, "cannot open " + path);
  Bytes bytes;
  std::array<std::byte, 65536> buffer;
  int got = 0;
  while ((got = gzread(file, buffer.data(), buffer.size())) > 0) {
    append(bytes, ByteView{buffer}.first(static_cast<std::size_t>(got)));
    if (bytes.size() > kFileBytesMax) stop(3, path + " is too large");
  }
  const bool failed = got < 0;
  gzclose(file);
  if (failed) stop(3, "cannot read " + path);
  return bytes;
}

SecretVector<Elt> read_elements(const std::string& path) {
  const Bytes bytes = read_file(path);
  if (bytes.size() % kEltBytes != 0) stop(3, path + " does not hold whole elements");
  SecretVector<Elt> out;
  for (std::size_t i = 0; i < bytes.size(); i += kEltBytes) out.push_back(elt_from(ByteView{bytes}.subspan(i).first<kEltBytes>()));
  return out;
}

// The seeded generator of the vectors: AES-256 stream under SHA-256(seed).
class SeededRandom final : public lf::Random {
 public:
  explicit SeededRandom(ByteView seed) : stream_{sha256(seed)} {}
  Outcome<void> fill(MutableBytes out) override {
    stream_.read(out);
    return {};
  }

 private:
  KeyStream stream_;
};

struct Arguments {
  std::string command, positional;
  std::map<std::string, std::string> options;

  std::string need(const std::string& name) const {
    const auto found = options.find(name);
    if (found == options.end()) stop(2, "missing " + name);
    return found->second;
  }
  std::uint32_t number(const std::string& name) const {
    const std::string text = need(name);
    if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos) stop(2, name + " is no number");
    return static_cast<std::uint32_t>(std::stoul(text));
  }
  Bytes hex(const std::string& name) const {
    auto bytes = from_hex(need(name));
    if (!bytes) stop(2, name + " is not hexadecimal");
    return *bytes;
  }
};

Arguments parse(int argc, char** argv) {
  Arguments out;
  if (argc < 2) stop(2, "usage: proof_raw verify|prove …");
  out.command = argv[1];
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with("-") && i + 1 < argc) out.options[word] = argv[++i];
    else out.positional = word;
  }
  return out;
}

lf::Params params_of(const Arguments& arguments, const lf::Circuit& circuit) {
  lf::Params params{arguments.number("--rateinv"), arguments.number("--nreq"), 0};
  if (arguments.options.contains("--block-enc")) {
    params.block_enc = arguments.number("--block-enc");
  } else {
    const auto searched = lf::search_block_enc(circuit, params.rate_inverse, params.queries);
    if (!searched) stop(3, searched.error().detail);
    params.block_enc = *searched;
  }
  return params;
}

int verify(const Arguments& arguments, const lf::Circuit& circuit, const Work& work) {
  const auto publics = read_elements(arguments.need("--public"));
  if (arguments.positional.empty()) stop(2, "missing the proof");
  const auto held = lf::verify(circuit, publics, arguments.hex("--session"), params_of(arguments, circuit),
                               read_file(arguments.positional), work);
  if (!held) stop(3, held.error().detail);
  std::puts(*held ? "accepted" : "refused");
  return *held ? 0 : 1;
}

int prove(const Arguments& arguments, const lf::Circuit& circuit, const Work& work) {
  const auto inputs = read_elements(arguments.need("--inputs"));
  std::unique_ptr<lf::Random> random = lf::system_random();
  if (arguments.options.contains("--seed")) random = std::make_unique<SeededRandom>(arguments.hex("--seed"));
  const auto proof = lf::prove(circuit, inputs, arguments.hex("--session"), params_of(arguments, circuit), *random, work);
  if (!proof) {
    std::fprintf(stderr, "proof_raw: %s\n", proof.error().detail.c_str());
    return 1;
  }
  std::ofstream out{arguments.need("-o"), std::ios::binary};
  out.write(reinterpret_cast<const char*>(proof->data()), static_cast<std::streamsize>(proof->size()));
  if (!out.flush()) stop(3, "cannot write " + arguments.need("-o"));
  return 0;
}

int run(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  if (arguments.command != "verify" && arguments.command != "prove") stop(2, "no command " + arguments.command);
  const auto circuit = lf::read_circuit(read_file(arguments.need("--circuit")));
  if (!circuit) stop(3, circuit.error().detail);
  const Work work{{}, inline_executor()};
  return arguments.command == "verify" ? verify(arguments, *circuit, work) : prove(arguments, *circuit, work);
}

}  // namespace
}  // namespace tablinum::proof

int main(int argc, char** argv) { return tablinum::proof::run(argc, argv); }
