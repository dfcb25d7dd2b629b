package dev.understudy.agreement.quorum;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.agreement.quorum.Voter.Stage;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.pool.PoolId;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.SwitchFacts.Release;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * Converts a {@link Voter} to and from a document. After an edit by hand or in a later schema,
 * everything that can be read counts, row by row, so that old and new replicas are one electorate
 * during a rollout.
 */
final class VoterCodec {
  private static final JsonMapper JSON = JsonMapper.shared();

  private static final String NOBODY = "";

  /**
   * The JSON form of one pool's votes.
   *
   * @param released the planned switch for which it sends nothing to the old server any more
   * @param full the planned switch for which a bound of its hold is reached
   * @param calling the planned switch for which it awaits hooks that it called before
   * @param hooks whether the file has hooks for the pool
   * @param acted {@code sen1@1f0c…}, "" for no server; null if the replica did not act alone
   */
  record PoolForm(
      long epoch,
      long revision,
      @Nullable String acted,
      long actedIn,
      Map<String, String> servers,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String released,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String full,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String calling,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean hooks) {}

  private VoterCodec() {}

  static RegisterDocument write(Voter voter, Instant begun, Instant now) {
    Map<String, PoolForm> pools = new TreeMap<>();
    voter.ballots().forEach((pool, ballot) -> pools.put(pool.value(), form(ballot)));
    Map<String, String> attributes = new HashMap<>();
    attributes.put("schema", "1");
    attributes.put("incarnation", voter.incarnation());
    attributes.put("pod", voter.pod());
    attributes.put("synced", Boolean.toString(voter.synced()));
    attributes.put("ready", Boolean.toString(voter.ready()));
    attributes.put("votes", JSON.writeValueAsString(pools));
    if (voter.stage() == Stage.LEAVING) {
      attributes.put("leaving", "true");
    }
    if (!voter.running().isEmpty()) {
      attributes.put("running", JSON.writeValueAsString(new TreeSet<>(voter.running())));
    }
    return new RegisterDocument(voter.replica(), 0, begun, now, attributes);
  }

  /** Reads a voter; one whose votes cannot be read counts, and abstains on all pools. */
  static Voter read(String replica, RegisterDocument document) {
    Map<String, String> attributes = document.attributes();
    return new Voter(
        replica,
        attributes.getOrDefault("incarnation", ""),
        attributes.getOrDefault("pod", ""),
        stage(attributes),
        !"false".equals(attributes.get("ready")),
        ballots(attributes.get("votes")),
        texts(attributes.get("running")));
  }

  private static Stage stage(Map<String, String> attributes) {
    if (Boolean.parseBoolean(attributes.get("synced"))) {
      return Stage.DECIDING;
    }
    return Boolean.parseBoolean(attributes.get("leaving")) ? Stage.LEAVING : Stage.STARTING;
  }

  private static Set<String> texts(@Nullable String json) {
    Set<String> texts = new HashSet<>();
    for (JsonNode text : tree(json)) {
      if (text.isString()) {
        texts.add(text.stringValue());
      }
    }
    return texts;
  }

  private static PoolForm form(Ballot ballot) {
    Ballot.Acted acted = ballot.acted();
    return new PoolForm(
        ballot.epoch(),
        ballot.revision(),
        acted == null ? null : acted.server().map(ServerIdentity::toString).orElse(NOBODY),
        acted == null ? 0 : acted.epoch(),
        ballot.votesAsText(),
        acknowledged(ballot, Release.RELEASED),
        acknowledged(ballot, Release.FULL),
        acknowledged(ballot, Release.CALLING),
        ballot.hooks());
  }

  private static @Nullable String acknowledged(Ballot ballot, Release release) {
    Acknowledgement given = ballot.acknowledgement();
    return given == null || given.release() != release ? null : given.planned();
  }

  private static @Nullable Acknowledgement acknowledgement(JsonNode form) {
    if (form.path("released").isString()) {
      return new Acknowledgement(form.path("released").stringValue(), Release.RELEASED);
    }
    if (form.path("calling").isString()) {
      return new Acknowledgement(form.path("calling").stringValue(), Release.CALLING);
    }
    return form.path("full").isString()
        ? new Acknowledgement(form.path("full").stringValue(), Release.FULL)
        : null;
  }

  private static Map<PoolId, Ballot> ballots(@Nullable String json) {
    Map<PoolId, Ballot> ballots = new HashMap<>();
    for (Map.Entry<String, JsonNode> pool : tree(json).properties()) {
      PoolId id = readable(PoolId::new, pool.getKey());
      Ballot ballot = ballot(pool.getValue());
      if (id != null && ballot != null) {
        ballots.put(id, ballot);
      }
    }
    return ballots;
  }

  /** The JSON of an attribute; a missing node if there is none, or it cannot be read. */
  static JsonNode tree(@Nullable String json) {
    try {
      return json == null ? MissingNode.getInstance() : JSON.readTree(json);
    } catch (JacksonException e) {
      return MissingNode.getInstance();
    }
  }

  /** Reads the votes on one pool; null if they are malformed. */
  private static @Nullable Ballot ballot(JsonNode form) {
    JsonNode epoch = form.path("epoch");
    JsonNode servers = form.path("servers");
    if (!isLong(epoch) || !servers.isObject()) {
      return null;
    }
    Map<ServerIdentity, Vote> votes = new HashMap<>();
    for (Map.Entry<String, JsonNode> server : servers.properties()) {
      ServerIdentity identity = readable(ServerIdentity::parse, server.getKey());
      if (identity != null) {
        votes.put(identity, vote(server.getValue()));
      }
    }
    JsonNode revision = form.path("revision");
    JsonNode hooks = form.path("hooks");
    return new Ballot(
        Math.max(0, epoch.longValue()),
        isLong(revision) ? Math.max(0, revision.longValue()) : 0,
        acted(form),
        votes,
        acknowledgement(form),
        hooks.isBoolean() ? hooks.booleanValue() : null);
  }

  /** Reads one vote; a malformed one abstains, as its absence would mean a server gone. */
  private static Vote vote(JsonNode text) {
    Vote vote = text.isString() ? readable(Vote::parse, text.stringValue()) : null;
    return vote == null ? new Vote(Finding.UNKNOWN, 0, "") : vote;
  }

  private static Ballot.@Nullable Acted acted(JsonNode form) {
    JsonNode server = form.path("acted");
    JsonNode epoch = form.path("actedIn");
    if (!server.isString() || !isLong(epoch)) {
      return null;
    }
    String name = server.stringValue();
    if (name.equals(NOBODY)) {
      return new Ballot.Acted(Optional.empty(), epoch.longValue());
    }
    ServerIdentity identity = readable(ServerIdentity::parse, name);
    return identity == null ? null : new Ballot.Acted(Optional.of(identity), epoch.longValue());
  }

  private static boolean isLong(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToLong();
  }

  /** Applies {@code reader}; null if the text is of a later schema, or edited by hand. */
  static <T> @Nullable T readable(Function<String, T> reader, @Nullable String text) {
    try {
      return text == null ? null : reader.apply(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
