package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.HaproxySection;
import dev.understudy.haproxy.syntax.HaproxyVersion;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/** What all translators of one file share: the ledger, names, and what has been made so far. */
final class ImportContext {
  final VerdictLedger ledger;

  /** Whose defaults hold. */
  final HaproxyVersion version;

  /** The text of a file that the configuration names; absent if it cannot be read. */
  final Function<String, Optional<String>> files;

  final NameAllocator pools = new NameAllocator();
  final NameAllocator routes = new NameAllocator();
  final NameAllocator userlists = new NameAllocator();
  final NameAllocator listeners = new NameAllocator("main", "http");

  /** Static settings by name. */
  final Map<String, String> settings = new LinkedHashMap<>();

  /** Files to be written beside the dynamic file, by name. */
  final Map<String, String> extraFiles = new LinkedHashMap<>();

  private final Predicate<String> taken;

  /** Remarks at the head of the dynamic file. */
  final Set<String> remarks = new LinkedHashSet<>();

  /** What comes before all else in the report and the dynamic file; often empty. */
  String first = "";

  /** The listening lines of all frontends, by their addresses. */
  final Map<BindLine.Endpoint, Integer> endpoints = new LinkedHashMap<>();

  /** Listeners that there will be, of all frontends. */
  int listenerCount;

  final YamlMap listenersYaml = YamlMap.block();
  final YamlMap poolsYaml = YamlMap.block();

  /** Holds {@code error-pages} of all. */
  final YamlMap common = YamlMap.block();

  final Map<String, ProxySection> backends = new LinkedHashMap<>();

  /** The backends that have a pool. */
  final Map<String, BackendTranslation> pooled = new LinkedHashMap<>();

  /** Names of backends without a pool, as they are disabled or show statistics alone. */
  final Set<String> leftOut = new TreeSet<>();

  /** Names of cookies that keep sessions. */
  final Set<String> sessionCookies = new TreeSet<>();

  final Map<String, StickTable> tables = new LinkedHashMap<>();

  /** Files of {@code http-errors} sections by name, by status. */
  final Map<String, Map<String, String>> errorFiles = new LinkedHashMap<>();

  /** Sections {@code healthcheck} by name, and the names of those that a pool has. */
  final Map<String, HaproxySection> healthchecks = new LinkedHashMap<>();

  final Set<String> usedHealthchecks = new TreeSet<>();

  final Map<String, String> userFiles = new LinkedHashMap<>();

  /** Directories of {@code ca-base} and {@code crt-base}; empty: none. */
  String caBase = "";

  String crtBase = "";

  /** Whether {@code ssl-default-bind-options} leaves TLS 1.3 only. */
  boolean onlyTls13;

  /** Whether {@code ssl-default-bind-options} refuses names without a certificate. */
  boolean strictNames;

  /** Whether a {@code bind} line for QUIC is left out, and HTTP/3 with it. */
  boolean leavesQuicOut;

  /** Whether {@code ssl-server-verify none} is set. */
  boolean noVerify;

  /** Variables of rules that are left out. */
  final Set<String> missingVariables = new TreeSet<>();

  /** Variables that a rule on requests sets, in whichever section. */
  final Set<String> writtenVariables = new TreeSet<>();

  ImportContext(
      VerdictLedger ledger,
      Function<String, Optional<String>> files,
      Predicate<String> taken,
      HaproxyVersion version) {
    this.ledger = ledger;
    this.version = version;
    this.files = files;
    this.taken = taken;
  }

  /**
   * Adds a file beside the dynamic file, under the first name that no other file has: {@code
   * staff.users}, {@code staff-2.users} and so on.
   *
   * @return the name
   */
  String addFile(String base, String ending, String text) {
    String name = base + ending;
    for (int i = 2; taken.test(name) || !extraFiles.getOrDefault(name, text).equals(text); i++) {
      name = base + "-" + i + ending;
    }
    extraFiles.put(name, text);
    return name;
  }

  /** The backend of a name that is known to be one. */
  ProxySection backend(String name) {
    return Objects.requireNonNull(backends.get(name));
  }

  /** A path below a base directory. */
  static String path(String base, String name) {
    return base.isEmpty() || name.startsWith("/") || name.startsWith("@")
        ? name
        : base + (base.endsWith("/") ? "" : "/") + name;
  }
}
