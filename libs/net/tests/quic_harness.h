#pragma once
/// What the tests of QUIC and HTTP/3 share: a certificate made for the run, TLS contexts, a server on a thread, a client on a task.
#include <openssl/ssl.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "h3/client.h"
#include "h3/listener.h"
#include "tablinum/io/runtime.h"

namespace tablinum::net::test {

struct FreeContext {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

/// A key and a self-signed certificate for localhost and 127.0.0.1, made once a process; as PEM files too.
struct Identity {
  static const Identity& get();
  std::string folder, certificate_file, key_file, certificate_pem, key_pem;
};

struct ServerTls {
  std::string groups = "X25519MLKEM768:X25519:P-256";
  std::string ciphers;  ///< empty: the library's order
  bool early_data = false;
  bool mute_alpn = false;
};
Context server_context(const ServerTls& options = {});
/// Trusts Identity's certificate alone.
Context client_context(const std::string& ciphers = "");

struct ServerSetup {
  quic::EndpointConfig endpoint;
  ServerTls tls;
  Limits limits;
  bool segmentation = true;
};

/// Runs until it is destroyed.
class QuicServer {
 public:
  explicit QuicServer(Handler handler, ServerSetup setup = {});
  ~QuicServer();
  std::uint16_t port() const { return static_cast<std::uint16_t>(port_.load()); }
  /// Runs `call` on the server's core and waits for it.
  void on_core(const std::function<void(h3::Listener&)>& call);
  quic::EndpointStats stats();
  ServerStats counters() const;
  /// GOAWAY; true if it then ended by itself within ten seconds.
  bool drain();

 private:
  io::Task<Result<void>> serve(io::Io& io);
  /// Once: what comes later is not heard.
  void announce(int port);
  Handler handler_;
  ServerSetup setup_;
  Context tls_;
  Counters counters_;
  h3::Listener* listener_ = nullptr;
  io::Io* io_ = nullptr;
  std::atomic<int> port_{0};
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

struct ClientSetup {
  explicit ClientSetup(std::uint16_t server_port) : port{server_port} {}
  std::uint16_t port;
  h3::SessionStore* store = nullptr;
  std::string ciphers;
  quic::Settings settings = quic::client_settings();
  bool early_data = true;
  std::string groups;
};
h3::ClientSessionOptions client_options(const ClientSetup& setup, SSL_CTX* context);

/// Opens a session, runs `use(io, session)` beside it, and closes it. For use inside a task.
using UseSession = std::function<io::Task<void>(io::Io&, h3::Http3Session&)>;
void with_session(const ClientSetup& setup, const UseSession& use);

/// GET; the status and body, or "error: …".
io::Task<std::string> get(io::Io& io, h3::Http3Session& session, std::string target);

/// Runs a program and returns what it printed on both outputs. @param seconds after which it is stopped.
std::string run_program(const std::string& command, int seconds = 30);
/// SHA-256 of a file, as hexadecimal; "" if it cannot be read.
std::string file_hash(const std::string& path);

}  // namespace tablinum::net::test
