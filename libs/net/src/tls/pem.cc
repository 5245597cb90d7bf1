#include "tls/pem.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace tablinum::net::tls {
namespace {

struct OpenFd {
  explicit OpenFd(int opened) noexcept : fd{opened} {}
  ~OpenFd() {
    if (fd >= 0) ::close(fd);
  }
  OpenFd(const OpenFd&) = delete;
  OpenFd& operator=(const OpenFd&) = delete;
  int fd;
};

std::unexpected<Error> file_error(const std::string& file) {
  const Code code = errno == ENOENT ? Code::not_found : errno == EACCES ? Code::denied : Code::io;
  return fail(code, file + ": errno " + std::to_string(errno));
}

Result<SecretBytes> read_file(const std::string& file) {
  const OpenFd opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (opened.fd < 0) return file_error(file);
  SecretBytes bytes(kTlsPemBytesMax + 1);
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = ::read(opened.fd, bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error(file);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kTlsPemBytesMax) return fail(Code::too_large, file + " is too large for a certificate or key");
  bytes.resize(size);
  return bytes;
}

Bio over(ByteView bytes) { return Bio{BIO_new_mem_buf(bytes.data(), static_cast<ossl_ssize_t>(bytes.size()))}; }

/// An encrypted key must not make the library ask for a passphrase on the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

struct GeneralNamesFree {
  void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};

}  // namespace

FileStamp stamp_of(const std::string& file) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) return {file, 0, 0, 0};
  const std::int64_t ns = found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec;
  return {file, ns, found.st_size, found.st_ino};
}

Result<SecretBytes> read_pem(const PemSource& source, std::vector<FileStamp>* stamps) {
  if (source.file.empty()) {
    if (source.bytes.size() > kTlsPemBytesMax) return fail(Code::too_large, "a PEM text is too large");
    return source.bytes;
  }
  // The stamp first: what changes while it is read is seen as a change later.
  if (stamps != nullptr) stamps->push_back(stamp_of(source.file));
  return read_file(source.file);
}

Result<std::vector<Certificate>> certificates_in(ByteView pem) {
  std::vector<Certificate> certificates;
  const Bio bio = over(pem);
  while (true) {
    Certificate next{PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)};
    if (!next) break;
    certificates.push_back(std::move(next));
  }
  const std::uint32_t error = ERR_peek_last_error();
  const bool ended = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  const std::string why = last_error();
  if (!ended) return fail(Code::invalid, "a certificate cannot be read: " + why);
  if (certificates.empty()) return fail(Code::invalid, "no certificate in PEM form");
  return certificates;
}

Result<Key> key_in(ByteView pem) {
  const Bio bio = over(pem);
  Key key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)};
  const std::string why = last_error();
  if (!key) return fail(Code::invalid, "no private key in PEM form, or an encrypted one: " + why);
  return key;
}

std::vector<std::string> dns_names_of(const X509* certificate) {
  std::vector<std::string> found;
  const std::unique_ptr<GENERAL_NAMES, GeneralNamesFree> names{
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
  for (std::size_t i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    const ASN1_IA5STRING* text = name->d.dNSName;
    std::string lower(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                      static_cast<std::size_t>(ASN1_STRING_length(text)));
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    found.push_back(std::move(lower));
  }
  ERR_clear_error();
  return found;
}

Timestamp time_of(const ASN1_TIME* time) {
  std::int64_t seconds = 0;
  ASN1_TIME_to_posix(time, &seconds);
  return {seconds * 1000};
}

std::string last_error() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string text{reason != nullptr ? reason : "unknown"};
  ERR_clear_error();
  return text;
}

}  // namespace tablinum::net::tls
