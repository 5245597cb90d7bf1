#include "stream.h"

#include <algorithm>

#include "tablinum/api/adapter.h"
#include "tablinum/base/json.h"
#include "tablinum/io/channel.h"
#include "tablinum/io/offload.h"
#include "tablinum/net/sse.h"
#include "tablinum/store/trees.h"

namespace tablinum::system_service {
namespace {

struct Topics {
  std::vector<store::JobId> jobs;
  std::vector<TreeId> trees;
};

Result<Topics> topics_of(std::string_view text) {
  Topics topics;
  const auto wrong = [] { return api::invalid_field({"topics", "must be job:ID or tree:ID, separated by commas", "format"}); };
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto topic = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    const auto colon = topic.find(':');
    if (colon == std::string_view::npos) return wrong();
    const auto id = parse_uuid(topic.substr(colon + 1));
    if (!id) return wrong();
    if (topic.substr(0, colon) == "job")
      topics.jobs.emplace_back(*id);
    else if (topic.substr(0, colon) == "tree")
      topics.trees.emplace_back(*id);
    else
      return wrong();
    if (topics.jobs.size() + topics.trees.size() > kTopicsMax) return api::invalid_field({"topics", "are too many", "range"});
  }
  if (topics.jobs.empty() && topics.trees.empty()) return wrong();
  return topics;
}

struct Client;

/// Clients that follow trees, so that a commit finds them. Hooks of the database stay for ever; clients come and go.
struct Followers {
  std::mutex mutex;
  std::vector<Client*> clients;
};

/// One client. The listener fills the channel from the jobs' threads; the client's task empties it.
struct Client {
  Client(archive::Archive& the_archive, archive::Jobs& the_jobs, std::shared_ptr<Followers> the_followers, Topics the_topics)
      : archive{the_archive},
        jobs{the_jobs},
        followers{std::move(the_followers)},
        topics{std::move(the_topics)},
        channel{kEventsWaitingMax} {
    listener = jobs.listen([this](const store::Job& job) { changed(job); });
    if (topics.trees.empty()) return;
    const std::lock_guard lock{followers->mutex};
    followers->clients.push_back(this);
  }
  ~Client() {
    {
      const std::lock_guard lock{followers->mutex};
      std::erase(followers->clients, this);
    }
    jobs.unlisten(listener);
    channel.close();
  }
  Client(const Client&) = delete;

  void changed(const store::Job& job) {
    if (std::ranges::find(topics.jobs, job.id) == topics.jobs.end() && topics.trees.empty()) return;
    // Only that something changed is passed on: what it looks like now is read when the client has room for it.
    store::JobId id = job.id;
    (void)channel.try_send(id);
  }

  /// A tree was changed; which one is seen when its generation is read. A full channel has such news already.
  void tree_changed() {
    store::JobId none;
    (void)channel.try_send(none);
  }

  archive::Archive& archive;
  archive::Jobs& jobs;
  const std::shared_ptr<Followers> followers;
  const Topics topics;
  io::Channel<store::JobId> channel;
  std::uint64_t listener = 0;
  std::size_t greeted = 0;                                   ///< jobs whose state was sent at the start
  std::vector<std::pair<TreeId, std::int64_t>> generations;  ///< of trees, as sent last
  std::vector<net::Event> ready;
};

Result<std::optional<net::Event>> job_event(Client& client, const store::JobId& id) {
  TRY(reader, client.archive.database().reader());
  auto job = store::find_job(reader, id);
  if (!job) return std::optional<net::Event>{};
  client.jobs.add_progress(*job);
  TRY(text, archive::job_json(reader, *job));
  return std::optional{net::Event{.id = {}, .name = "job", .data = std::move(text), .retry = {}}};
}

/// Events for trees whose generation is another than was sent last.
Result<void> add_tree_events(Client& client) {
  TRY(reader, client.archive.database().reader());
  for (const auto& id : client.topics.trees) {
    const auto tree = store::find_tree(reader, id);
    if (!tree) continue;
    const auto known = std::ranges::find(client.generations, id, &std::pair<TreeId, std::int64_t>::first);
    if (known == client.generations.end()) {
      client.generations.emplace_back(id, tree->generation);
      continue;
    }
    if (known->second == tree->generation) continue;
    known->second = tree->generation;
    json::Writer w;
    w.begin_object();
    w.field("treeId", to_string(id.value()));
    w.field("version", tree->generation);
    w.end_object();
    client.ready.push_back({.id = {}, .name = "tree", .data = w.take(), .retry = {}});
  }
  return {};
}

/// Everything there is to say after a change of `job`.
Result<void> gather(Client& client, const store::JobId& job) {
  if (std::ranges::find(client.topics.jobs, job) != client.topics.jobs.end()) {
    TRY(event, job_event(client, job));
    if (event) client.ready.push_back(std::move(*event));
  }
  return add_tree_events(client);
}

io::Task<Result<std::optional<net::Event>>> next_event(std::shared_ptr<Client> client, io::Io& io, Instant until) {
  while (client->ready.empty()) {
    store::JobId job;
    if (client->greeted < client->topics.jobs.size()) {
      job = client->topics.jobs[client->greeted++];
    } else {
      auto changed = co_await client->channel.receive(io).until(until);
      if (!changed) co_return std::unexpected(std::move(changed).error());
      job = *changed;
    }
    auto work = [&] { return gather(*client, job); };
    auto gathered = co_await io::offload(io, work);
    if (!gathered) co_return std::unexpected(std::move(gathered).error());
  }
  net::Event event = std::move(client->ready.front());
  client->ready.erase(client->ready.begin());
  co_return std::optional{std::move(event)};
}

}  // namespace

net::Handler stream_handler(archive::Archive& archive, archive::Jobs& jobs) {
  auto followers = std::make_shared<Followers>();
  archive.database().add_commit_hook([followers](std::int64_t, std::int64_t) {
    const std::lock_guard lock{followers->mutex};
    for (auto* client : followers->clients) client->tree_changed();
  });
  return [&archive, &jobs, followers](io::Io& io, net::Request& request) -> io::Task<Result<net::Response>> {
    auto topics = topics_of(request.target.query("topics").value_or(""));
    if (!topics) co_return api::response_of(request, topics.error());
    auto client = std::make_shared<Client>(archive, jobs, followers, std::move(*topics));
    auto work = [&] { return add_tree_events(*client); };
    CO_CHECK_OK(co_await io::offload(io, work));
    co_return net::event_stream([client](io::Io& own, Instant until) { return next_event(client, own, until); });
  };
}

}  // namespace tablinum::system_service
