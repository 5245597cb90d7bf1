// collection …, delegate, transform, revoke: sharing through a server that cannot read.
#include <algorithm>
#include <charconv>

#include "commands/seal/change.h"
#include "commands/seal/keyring.h"
#include "commands/seal/support.h"

namespace tablinum::app::sealing {
namespace {

using seal::StanzaType;

constexpr std::int64_t kDay = 86'400;
constexpr std::size_t kRecordBytesMax = 1 << 20;

struct CollectionArguments {
  std::string name, identity, keys, out, suite = "kem-2048";
  std::vector<std::string> files;
  PassphraseFrom passphrase;
  bool files_only = false, force = false;
};

Result<void> check_name(const std::string& name) {
  const bool good = !name.empty() && name.size() <= 200 &&
                    std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  return good ? Result<void>{} : fail(Code::invalid, "a collection's name has 1 to 200 bytes without control characters");
}

void describe_collection(json::Writer& w, const CollectionNote& note) {
  w.field("name", note.name);
  w.field("id", to_hex(note.id.bytes));
  w.field("suite", to_string(note.suite));
  w.field("epoch", note.epoch);
}

Result<int> run_create(const Globals& globals, const CollectionArguments& arguments) {
  CHECK_OK(check_name(arguments.name));
  TRY(suite, seal::pre::suite_from_name(arguments.suite));
  TRY(identity, load_identity(arguments.identity, arguments.passphrase));
  TRY(keyring, Keyring::open(arguments.keys, Keyring::For::writing));
  if (keyring.find(arguments.name))
    return fail(Code::exists, arguments.name + ": there is a collection of this name; choose another one");
  const CollectionNote note{seal::pre::random_collection_id(),
                            arguments.name,
                            identity.fingerprint(),
                            suite,
                            identity.phrase_number(),
                            0,
                            wall_now().seconds(),
                            {}};
  CHECK_OK(keyring.save(note));
  auto w = begin_ok();
  describe_collection(w, note);
  print_result(globals, end(w),
               fmt::format("Made the collection {} ({}). Seal into it with: tablinum seal -c '{}' FILE", note.name,
                           to_hex(note.id.bytes), note.name));
  return 0;
}

Result<int> run_list(const Globals& globals, const CollectionArguments& arguments) {
  TRY(keyring, Keyring::open(arguments.keys, Keyring::For::reading));
  TRY(notes, keyring.collections());
  std::string text;
  auto w = begin_ok();
  w.key("collections");
  w.begin_array();
  for (const auto& note : notes) {
    w.begin_object();
    describe_collection(w, note);
    w.key("delegations");
    w.begin_array();
    text += fmt::format("{}  epoch {}  {}  {}\n", to_hex(note.id.bytes), note.epoch, to_string(note.suite), note.name);
    for (const auto& each : note.delegations) {
      const bool over = each.revoked_at_s != 0 || each.epoch != note.epoch;
      w.begin_object();
      w.field("id", to_hex(each.id.value));
      w.field("to", each.name);
      w.field("fingerprint", fingerprint_text(each.delegate));
      w.field("epoch", each.epoch);
      w.field("until", to_rfc3339({static_cast<std::int64_t>(each.not_after_s) * 1000}));
      w.field("revoked", each.revoked_at_s != 0);
      if (each.group) w.field("group", to_hex(each.group->bytes));
      w.end_object();
      text +=
          fmt::format("  {}  {}  epoch {}  until {}  {}\n", to_hex(each.id.value).substr(0, 16),
                      each.revoked_at_s != 0 ? "revoked "
                      : over                 ? "past    "
                                             : "current ",
                      each.epoch, to_rfc3339({static_cast<std::int64_t>(each.not_after_s) * 1000}).substr(0, 10),
                      each.group ? "group of " + each.name : each.name);
    }
    w.end_array();
    w.end_object();
  }
  w.end_array();
  print_result(globals, end(w), text.empty() ? "No collections yet. Make one with: tablinum collection create NAME" : text);
  return 0;
}

/// What others delegate to: this collection's public key, signed by its owner, who administers the group.
Result<int> run_group(const Globals& globals, const CollectionArguments& arguments) {
  TRY(identity, load_identity(arguments.identity, arguments.passphrase));
  TRY(keyring, Keyring::open(arguments.keys, Keyring::For::reading));
  TRY(note, keyring.find(arguments.name));
  TRY(key, seal::collection_key(identity, note.phrase_number, note.id, note.epoch, note.suite));
  TRY(card, seal::GroupCard::create(key.public_key(), seal::PartySigner{identity}));
  CHECK_OK(write_file(arguments.out, card.bytes(), 0644, arguments.force));
  if (arguments.out == "-") return 0;
  auto w = begin_ok();
  describe_collection(w, note);
  w.field("output", arguments.out);
  print_result(globals, end(w),
               fmt::format("Wrote {}. Give it with your card to whoever shall delegate to the group {}.", arguments.out, note.name));
  return 0;
}

// ---- roll: the next epoch, and its stanza in files that exist already

bool is_of(const seal::Stanza& stanza, const CollectionNote& note) {
  const auto capsule = stanza.type == StanzaType::collection ? seal::pre::CapsuleStanza::parse(stanza.body)
                                                             : Result<seal::pre::CapsuleStanza>{fail(Code::invalid)};
  return capsule && capsule->collection() == note.id;
}

Result<void> rewrap_file(const Globals& globals, const std::string& file, const CollectionNote& note,
                         const seal::Identity& identity) {
  TRY(key, seal::collection_key(identity, note.phrase_number, note.id, note.epoch, note.suite));
  TRY(source, open_source(file));
  auto header = seal::read_header(*source);
  if (!header) return std::unexpected(at(file, header.error()));
  ReaderChange change{file, "", identity, {}, {}, false};
  for (std::size_t i = 0; i < header->stanzas.size(); ++i)
    if (is_of(header->stanzas[i], note)) change.remove.push_back(i);
  if (change.remove.empty()) return fail(Code::not_found, file + ": not of the collection " + note.name);
  const seal::CollectionRecipient recipient{key.public_key(), identity};
  change.add.push_back(&recipient);
  if (auto changed = change_readers(globals, change); !changed) return std::unexpected(changed.error());
  return {};
}

Result<CollectionNote> rolled(Keyring& keyring, CollectionNote note, const seal::Identity& identity) {
  if (note.epoch == 0xffffffffU) return fail(Code::limit, note.name + ": no epochs are left; make a new collection");
  ++note.epoch;
  note.phrase_number = identity.phrase_number();  // keys of new words from here on
  CHECK_OK(keyring.save(note));
  return note;
}

Result<int> run_roll(const Globals& globals, const CollectionArguments& arguments) {
  TRY(identity, load_identity(arguments.identity, arguments.passphrase));
  TRY(keyring, Keyring::open(arguments.keys, Keyring::For::writing));
  TRY(found, keyring.find(arguments.name));
  if (arguments.files_only && arguments.files.empty()) return fail(Code::invalid, "--files-only needs files");
  auto rolled_note = arguments.files_only ? Result<CollectionNote>{found} : rolled(keyring, found, identity);
  if (!rolled_note) return std::unexpected(rolled_note.error());
  const auto& note = *rolled_note;
  for (const auto& file : arguments.files) CHECK_OK(rewrap_file(globals, file, note, identity));
  auto w = begin_ok();
  describe_collection(w, note);
  w.field("rewrapped", arguments.files.size());
  print_result(globals, end(w),
               fmt::format("{} is in epoch {} now; {} files were moved into it. Delegate anew to whoever shall go on reading.",
                           note.name, note.epoch, arguments.files.size()));
  return 0;
}

// ---- delegate

struct DelegateArguments {
  std::string collection, card, group, identity, keys, out, until;
  std::uint32_t days = 365, transforms_max = seal::pre::kTransformsPerEpochMax;
  PassphraseFrom passphrase;
  bool force = false;
};

/// The receiving key of a card that fits the collection's suite.
Result<seal::pre::ReceivePublic> receiving_key_of(const seal::ContactCard& card, seal::pre::Suite suite) {
  for (const auto& each : card.receiving()) {
    TRY(key, seal::pre::ReceivePublic::parse(each.public_key));
    if (key.suite() == suite) return std::move(key);
  }
  return fail(Code::not_found,
              fmt::format("{} has no {} key on this card. Ask for one made with: tablinum identity card --suite {}",
                          card.name(), to_string(suite), to_string(suite)));
}

std::string ticket_name(const seal::pre::DelegationId& id) { return "tickets/" + to_hex(id.value); }
std::string card_name(const seal::Fingerprint& fingerprint) { return "cards/" + to_hex(fingerprint); }

std::string group_name(const seal::pre::CollectionId& id) { return "groups/" + to_hex(id.bytes); }

/// The signing keys of a record's owner: the card's present or a former pair.
Result<seal::HybridVerifier> keys_of(const seal::ContactCard& card, const seal::pre::IdentityId& id) {
  if (party_id(card.fingerprint()) == id) return card.signer();
  for (const auto& each : card.successions())
    if (party_id(fingerprint_of(each.former)) == id) return each.former;
  return fail(Code::denied, "signed by somebody else than the owner of this card");
}

/// To whom a collection is delegated: a person, or a group that the person administers.
struct Delegate {
  seal::ContactCard card;
  std::optional<seal::GroupCard> group;
};

Result<seal::GroupCard> checked_group(ByteView bytes, const seal::ContactCard& administrator) {
  TRY(group, seal::GroupCard::parse(bytes));
  TRY(keys, keys_of(administrator, group.administrator()));
  CHECK_OK(group.verify(seal::PartyVerifier{keys}));
  return group;
}

/// The delegations to groups that are in force, of all collections here.
Result<seal::pre::DelegationGraph> group_graph(const Keyring& keyring) {
  seal::pre::DelegationGraph graph;
  TRY(notes, keyring.collections());
  for (const auto& note : notes)
    for (const auto& each : note.delegations)
      if (each.group && each.revoked_at_s == 0) CHECK_OK(graph.add(note.id, *each.group));
  return graph;
}

Result<seal::pre::Delegation> new_delegation(const Keyring& keyring, const CollectionNote& note, const seal::Identity& identity,
                                             const Delegate& to, const seal::pre::DelegationTerms& terms) {
  TRY(secret, seal::collection_key(identity, note.phrase_number, note.id, note.epoch, note.suite));
  const seal::PartySigner signer{identity};
  if (!to.group) {
    TRY(key, receiving_key_of(to.card, note.suite));
    return seal::pre::Delegation::create(secret, seal::CardContact{to.card}, key, terms, signer, wall_now());
  }
  TRY(graph, group_graph(keyring));
  return seal::pre::Delegation::create(seal::pre::AllowGroup{}, secret, to.group->administrator(), to.group->key(), graph, terms,
                                       signer, wall_now());
}

/// Makes one delegation, notes it, and writes the record for the proxy.
Result<DelegationNote> make_delegation(Keyring& keyring, CollectionNote& note, const seal::Identity& identity, const Delegate& to,
                                       const seal::pre::DelegationTerms& terms, const std::string& out, bool force) {
  TRY(delegation, new_delegation(keyring, note, identity, to, terms));
  DelegationNote made{delegation.id(),      note.epoch, to.card.fingerprint(), terms.not_after_s,
                      terms.transforms_max, 0,          std::nullopt,          to.card.name()};
  // Noted before it is given away: a delegation that nobody remembers could not be revoked.
  if (to.group) {
    made.group = to.group->key().collection();
    CHECK_OK(keyring.write(group_name(*made.group), to.group->bytes()));
  }
  note.delegations.push_back(made);
  CHECK_OK(keyring.write(ticket_name(made.id), delegation.ticket().serialise()));
  CHECK_OK(keyring.write(card_name(made.delegate), bytes_of(to.card.text())));
  CHECK_OK(keyring.save(note));
  CHECK_OK(write_file(out, delegation.serialise(), 0600, force));
  return made;
}

/// "2027-12-31" as the last second of that day in UTC.
Result<std::uint64_t> end_of_day(const std::string& text) {
  int year = 0, month = 0, day = 0;
  const auto part = [&](std::size_t at, std::size_t size, int& into) {
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + size, into);
    return error == std::errc{} && end == text.data() + at + size;
  };
  const bool form =
      text.size() == 10 && text[4] == '-' && text[7] == '-' && part(0, 4, year) && part(5, 2, month) && part(8, 2, day);
  if (!form || month < 1 || month > 12 || day < 1 || day > 31 || year < 1970)
    return fail(Code::invalid, text + ": a day is written like 2027-12-31");
  // Days since 1970 of the proleptic Gregorian calendar, counted from March.
  const std::int64_t y = month > 2 ? year : year - 1;
  const std::int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t days = y * 365 + y / 4 - y / 100 + y / 400 + in_year - 719'468;
  return static_cast<std::uint64_t>((days + 1) * kDay - 1);
}

Result<seal::pre::DelegationTerms> terms_of(const DelegateArguments& arguments) {
  seal::pre::DelegationTerms terms{static_cast<std::uint64_t>(wall_now().seconds() + std::int64_t{arguments.days} * kDay),
                                   arguments.transforms_max};
  if (!arguments.until.empty()) {
    TRY(until, end_of_day(arguments.until));
    terms.not_after_s = until;
  }
  return terms;
}

Result<int> run_delegate(const Globals& globals, const DelegateArguments& arguments) {
  if (!arguments.force && is_there(arguments.out))
    return fail(Code::exists, arguments.out + ": there is one already. Choose another name, or give --force");
  TRY(terms, terms_of(arguments));
  TRY(card, load_card(arguments.card));
  TRY(identity, load_identity(arguments.identity, arguments.passphrase));
  TRY(keyring, Keyring::open(arguments.keys, Keyring::For::writing));
  TRY(note, keyring.find(arguments.collection));
  Delegate to{std::move(card), std::nullopt};
  if (!arguments.group.empty()) {
    TRY(bytes, read_file(arguments.group, kRecordBytesMax));
    auto group = checked_group(bytes, to.card);
    if (!group) return std::unexpected(at(arguments.group, group.error(), "It is what `tablinum collection group` writes"));
    to.group = std::move(*group);
  }
  auto made = make_delegation(keyring, note, identity, to, terms, arguments.out, arguments.force);
  if (!made) return std::unexpected(at(arguments.card, made.error()));
  auto w = begin_ok();
  w.field("delegation", to_hex(made->id.value));
  w.field("output", arguments.out);
  w.field("to", made->name);
  w.field("fingerprint", fingerprint_text(made->delegate));
  w.field("epoch", made->epoch);
  print_result(
      globals, end(w),
      fmt::format(
          "{} may read {} (epoch {}) through the proxy that gets {}. Give that file to the proxy and to nobody else: together "
          "with {}'s keys it is the collection's key.\nFingerprint of {}: {} - compare it before you hand the file over.",
          made->name, note.name, made->epoch, arguments.out, made->name, made->name, fingerprint_text(made->delegate)));
  return 0;
}

// ---- transform: the proxy's part

struct TransformArguments {
  std::string input, delegation, from, out, keys;
  bool force = false;
};

Result<seal::Header> header_of(const std::string& path) {
  TRY(source, open_source(path));
  auto header = seal::read_header(*source);
  if (!header) return std::unexpected(at(path, header.error()));
  return header;
}

Result<seal::pre::CapsuleStanza> stanza_for(const std::string& path, const seal::Header& header,
                                            const seal::pre::DelegationFacts& facts) {
  bool of_collection = false;
  for (const auto& stanza : header.stanzas) {
    if (stanza.type != StanzaType::collection) continue;
    auto capsule = seal::pre::CapsuleStanza::parse(stanza.body);
    if (!capsule || capsule->collection() != facts.collection) continue;
    of_collection = true;
    if (capsule->epoch() == facts.epoch) return std::move(*capsule);
  }
  return fail(Code::not_found,
              path + (of_collection ? ": sealed in another epoch than this delegation is for: the owner is to delegate anew"
                                    : ": not of the collection that this delegation is for"));
}

Result<int> run_transform(const Globals& globals, const TransformArguments& arguments) {
  TRY(header, header_of(arguments.input));
  TRY(bytes, read_secret_file(arguments.delegation, kRecordBytesMax));
  auto delegation = seal::pre::Delegation::parse(bytes);
  if (!delegation)
    return std::unexpected(at(arguments.delegation, delegation.error(), "It is what `tablinum delegate` writes"));
  TRY(card, load_card(arguments.from));
  auto owner = keys_of(card, delegation->facts().owner);
  if (!owner) return std::unexpected(at(arguments.from, owner.error()));
  TRY(stanza, stanza_for(arguments.input, header, delegation->facts()));
  TRY(keyring, Keyring::open(arguments.keys, Keyring::For::writing));
  TRY(seed, proxy_seed(keyring));
  TRY(state, open_proxy_state(keyring));
  const seal::pre::Proxy proxy{seed, *state};
  auto transformed = proxy.transform(stanza, core_hash(header), *delegation, seal::PartyVerifier{*owner}, wall_now());
  if (!transformed) return std::unexpected(at(arguments.input, transformed.error()));
  const seal::TransformedFile file{proxy.public_key(), delegation->ticket(), std::move(*transformed)};
  CHECK_OK(write_file(arguments.out, file.bytes(), 0644, arguments.force));
  if (arguments.out == "-") return 0;
  auto w = begin_ok();
  w.field("input", arguments.input);
  w.field("output", arguments.out);
  w.field("delegation", to_hex(delegation->id().value));
  w.field("proxy", to_hex(proxy.public_key().bytes));
  print_result(globals, end(w),
               fmt::format("Wrote {}. Its reader opens {} with: tablinum open --transformed {} --from OWNER_CARD {}",
                           arguments.out, arguments.input, arguments.out, arguments.input));
  return 0;
}

// ---- revoke: the owner ends a delegation, the proxy learns of it

struct RevokeArguments {
  std::string collection, id, card, identity, keys, out, reissue, tombstone, from;
  PassphraseFrom passphrase;
  bool force = false;
};

Result<std::vector<std::size_t>> delegations_to_end(const CollectionNote& note, const RevokeArguments& arguments) {
  std::optional<seal::ContactCard> card;
  if (!arguments.card.empty()) {
    TRY(loaded, load_card(arguments.card));
    card = std::move(loaded);
  }
  if (!card && arguments.id.empty())
    return fail(Code::invalid, "whose? Give -r CARD, or --id as `tablinum collection list` shows it");
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < note.delegations.size(); ++i) {
    const auto& each = note.delegations[i];
    const bool meant = card ? card->succeeds(each.delegate) : to_hex(each.id.value).starts_with(arguments.id);
    if (meant && each.revoked_at_s == 0) found.push_back(i);
  }
  if (found.empty())
    return fail(Code::not_found, note.name + ": no such delegation that is not over. See: tablinum collection list");
  return found;
}

/// The remaining readers of the epoch before get a delegation for the new one, in one file each.
Result<std::size_t> reissue(Keyring& keyring, CollectionNote& note, const seal::Identity& identity,
                            const RevokeArguments& arguments) {
  if (arguments.reissue.empty()) return std::size_t{0};
  if (!is_folder(arguments.reissue)) return fail(Code::not_found, arguments.reissue + ": no such folder");
  const auto before = note.delegations;
  std::size_t made = 0;
  for (const auto& each : before) {
    if (each.revoked_at_s != 0 || each.epoch + 1 != note.epoch ||
        each.not_after_s <= static_cast<std::uint64_t>(wall_now().seconds()))
      continue;
    TRY(text, keyring.read(card_name(each.delegate)));
    TRY(card, seal::ContactCard::parse_text(text_of(text)));
    Delegate to{std::move(card), std::nullopt};
    if (each.group) {
      TRY(bytes, keyring.read(group_name(*each.group)));
      TRY(group, checked_group(bytes, to.card));
      to.group = std::move(group);
    }
    const std::string whose = to_hex(each.delegate).substr(0, 16) + (each.group ? "-" + to_hex(each.group->bytes).substr(0, 8) : "");
    const std::string out = fmt::format("{}/{}-epoch{}.delegation", arguments.reissue, whose, note.epoch);
    TRY(done, make_delegation(keyring, note, identity, to, {each.not_after_s, each.transforms_max}, out, arguments.force));
    made += done.epoch == note.epoch ? 1 : 0;
  }
  return made;
}

Result<int> revoke_at_proxy(const Globals& globals, const RevokeArguments& arguments) {
  if (arguments.from.empty()) return fail(Code::invalid, "--tombstone needs the owner's card: --from CARD");
  TRY(bytes, read_file(arguments.tombstone, kRecordBytesMax));
  auto tombstone = seal::pre::Tombstone::parse(bytes);
  if (!tombstone) return std::unexpected(at(arguments.tombstone, tombstone.error(), "It is what `tablinum revoke` writes"));
  TRY(card, load_card(arguments.from));
  auto owner = keys_of(card, tombstone->owner());
  if (!owner) return std::unexpected(at(arguments.from, owner.error()));
  TRY(keyring, Keyring::open(arguments.keys, Keyring::For::writing));
  TRY(seed, proxy_seed(keyring));
  TRY(state, open_proxy_state(keyring));
  const seal::pre::Proxy proxy{seed, *state};
  if (auto done = proxy.revoke(*tombstone, seal::PartyVerifier{*owner}); !done)
    return std::unexpected(at(arguments.tombstone, done.error()));
  auto w = begin_ok();
  w.field("delegation", to_hex(tombstone->delegation().value));
  print_result(globals, end(w),
               fmt::format("The delegation {} is over here. Delete its file and what was transformed with it.",
                           to_hex(tombstone->delegation().value)));
  return 0;
}

Result<int> run_revoke(const Globals& globals, const RevokeArguments& arguments) {
  if (!arguments.tombstone.empty()) return revoke_at_proxy(globals, arguments);
  if (arguments.collection.empty() || arguments.out.empty())
    return fail(Code::invalid, "give --collection NAME and -o FILE for the proxy, or --tombstone FILE if you are the proxy");
  if (!arguments.force && is_there(arguments.out))
    return fail(Code::exists, arguments.out + ": there is one already. Choose another name, or give --force");
  TRY(identity, load_identity(arguments.identity, arguments.passphrase));
  TRY(keyring, Keyring::open(arguments.keys, Keyring::For::writing));
  TRY(note, keyring.find(arguments.collection));
  TRY(ending, delegations_to_end(note, arguments));
  if (ending.size() > 1 && arguments.card.empty())
    return fail(Code::conflict, "several delegations begin with this id; give more of it");
  const seal::PartySigner signer{identity};
  std::size_t number = 0;
  for (const std::size_t index : ending) {
    auto& each = note.delegations[index];
    TRY(bytes, keyring.read(ticket_name(each.id)));
    TRY(ticket, seal::pre::Ticket::parse(bytes));
    TRY(tombstone, seal::pre::Tombstone::create(ticket, signer, wall_now()));
    const std::string out = number++ == 0 ? arguments.out : fmt::format("{}.{}", arguments.out, number);
    CHECK_OK(write_file(out, tombstone.serialise(), 0644, arguments.force));
    each.revoked_at_s = wall_now().seconds();
  }
  TRY(rolled_note, rolled(keyring, note, identity));
  TRY(reissued, reissue(keyring, rolled_note, identity, arguments));
  auto w = begin_ok();
  describe_collection(w, rolled_note);
  w.field("revoked", ending.size());
  w.field("reissued", reissued);
  w.field("output", arguments.out);
  print_result(globals, end(w),
               fmt::format("Revoked {} delegations of {}, which is in epoch {} now. Give {} to the proxy: it stops at once. {} "
                           "others were delegated "
                           "anew.\nFiles of before stay in epoch {} until: tablinum collection roll --files-only '{}' FILE…",
                           ending.size(), rolled_note.name, rolled_note.epoch, arguments.out, reissued, rolled_note.epoch - 1,
                           rolled_note.name));
  return 0;
}

void add_owner_options(CLI::App* command, std::string& identity, PassphraseFrom& passphrase, std::string& keys) {
  command->add_option("-i,--identity", identity, "The owner's identity (default: ~/.config/tablinum/identity)");
  add_passphrase_option(command, passphrase);
  add_keys_option(command, keys);
}

void add_collection_group(Commands& commands) {
  auto* group = commands.root.add_subcommand("collection", "Files that are shared through a server that cannot read them");
  group->require_subcommand(1);
  group->fallthrough();
  const auto created = std::make_shared<CollectionArguments>();
  auto* command = group->add_subcommand("create", "Makes a collection");
  command->add_option("NAME", created->name, "What you call it; only you see this")->required();
  command->add_option("--suite", created->suite, "kem-2048, or kem-4096 for more margin and three times the size")
      ->capture_default_str();
  add_owner_options(command, created->identity, created->passphrase, created->keys);
  on_command(commands, command, created, run_create);

  const auto listed = std::make_shared<CollectionArguments>();
  command = group->add_subcommand("list", "Lists collections and who may read them");
  add_keys_option(command, listed->keys);
  on_command(commands, command, listed, run_list);

  const auto grouped = std::make_shared<CollectionArguments>();
  command = group->add_subcommand("group", "Writes a collection's public key, so that others delegate to it as to a group");
  command->add_option("NAME", grouped->name, "Name of the collection, or the beginning of its id")->required();
  command->add_option("-o,--output", grouped->out, "File to write; '-' for standard output")->required();
  command->add_flag("-f,--force", grouped->force, "Replace what is there");
  add_owner_options(command, grouped->identity, grouped->passphrase, grouped->keys);
  on_command(commands, command, grouped, run_group);

  const auto roll = std::make_shared<CollectionArguments>();
  command = group->add_subcommand("roll", "Begins the next epoch: new keys for what comes, and for the files given");
  command->add_option("NAME", roll->name, "Name of the collection, or the beginning of its id")->required();
  command->add_option("FILE", roll->files, "Sealed files to move into the new epoch");
  command->add_flag("--files-only", roll->files_only, "Move the files into the present epoch; do not begin another");
  add_owner_options(command, roll->identity, roll->passphrase, roll->keys);
  on_command(commands, command, roll, run_roll);
}

void add_delegation_commands(Commands& commands) {
  const auto d = std::make_shared<DelegateArguments>();
  auto* command = commands.root.add_subcommand("delegate", "Lets somebody read a collection through a proxy");
  command->add_option("-c,--collection", d->collection, "Name of the collection, or the beginning of its id")->required();
  command->add_option("-r,--recipient", d->card, "Card of the reader")->required();
  command->add_option("--group", d->group, "What `tablinum collection group` wrote: delegates to that group, which the reader administers");
  command->add_option("-o,--output", d->out, "File for the proxy")->required();
  command->add_option("--until", d->until, "Last day, like 2027-12-31 (UTC)");
  command->add_option("--days", d->days, "Days from now, if no --until")->capture_default_str()->check(CLI::Range(1, 36500));
  command->add_option("--transforms-max", d->transforms_max, "How many files may be transformed")->capture_default_str();
  command->add_flag("-f,--force", d->force, "Replace what is there");
  add_owner_options(command, d->identity, d->passphrase, d->keys);
  on_command(commands, command, d, run_delegate);

  const auto t = std::make_shared<TransformArguments>();
  command = commands.root.add_subcommand(
      "transform", "The proxy's part: makes a sealed file of a collection readable for one delegate, without reading it");
  command->add_option("IN", t->input, "Sealed file of the collection")->required();
  command->add_option("-d,--delegation", t->delegation, "What `tablinum delegate` wrote")->required();
  command->add_option("--from", t->from, "Card of the collection's owner")->required();
  command->add_option("-o,--output", t->out, "File for the reader")->required();
  command->add_flag("-f,--force", t->force, "Replace what is there");
  add_keys_option(command, t->keys);
  on_command(commands, command, t, run_transform);

  const auto r = std::make_shared<RevokeArguments>();
  command = commands.root.add_subcommand(
      "revoke", "Ends a delegation and begins the collection's next epoch; or, as the proxy, obeys that");
  command->add_option("-c,--collection", r->collection, "Name of the collection, or the beginning of its id");
  command->add_option("-r,--recipient", r->card, "Card of the reader");
  command->add_option("--id", r->id, "Or the delegation's id (its beginning)");
  command->add_option("-o,--output", r->out, "File that tells the proxy");
  command->add_option("--reissue", r->reissue, "Folder for new delegations of the other readers");
  command->add_option("--tombstone", r->tombstone, "As the proxy: what `tablinum revoke` wrote");
  command->add_option("--from", r->from, "As the proxy: card of the collection's owner");
  command->add_flag("-f,--force", r->force, "Replace what is there");
  add_owner_options(command, r->identity, r->passphrase, r->keys);
  on_command(commands, command, r, run_revoke);
}

}  // namespace

void add_collection_commands(Commands& commands) {
  add_collection_group(commands);
  add_delegation_commands(commands);
}

}  // namespace tablinum::app::sealing
