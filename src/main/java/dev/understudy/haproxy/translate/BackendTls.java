package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.syntax.HaproxyVersion;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** TLS to the servers of a backend, as its first server with TLS has it. */
final class BackendTls {
  /** Parameters that count for the pool. */
  private static final List<String> SHARED =
      List.of("ca-file", "crt", "verify", "verifyhost", "sni");

  private static final String CONSTANT = "str(";

  /** From here on the name of the request's host is sent, unless a line says otherwise. */
  private static final HaproxyVersion NAMES_HOST = new HaproxyVersion(3, 3);

  private static final int SET_HOST = 4;

  /** Rules that change the field they name. */
  private static final Set<String> OF_ONE_FIELD =
      Set.of("set-header", "add-header", "replace-header", "replace-value");

  /** Rules that may change any field, or the host by the URI. */
  private static final Set<String> OF_ANY_FIELD =
      Set.of("set-headers-bin", "add-headers-bin", "del-headers-bin", "set-uri", "replace-uri");

  private final ProxySection proxy;
  private final ImportContext context;
  private final BackendCheck check;
  private final List<ServerLine> secured;

  BackendTls(ProxySection proxy, List<ServerLine> servers, BackendCheck check) {
    this.proxy = proxy;
    context = proxy.context;
    this.check = check;
    secured = servers.stream().filter(each -> check.isTlsOfItsOwn() || each.has("ssl")).toList();
  }

  /** The name in the handshake; absent: the server's own. */
  private Optional<String> serverName(ServerLine line) {
    return constantName(line)
        .or(() -> namesHost(line) ? onlyHost() : Optional.empty())
        .or(() -> verifiedName(line));
  }

  /** The name in {@code verifyhost}, which counts only where certificates are verified. */
  private Optional<String> verifiedName(ServerLine line) {
    return line.find("verifyhost").filter(any -> verifies(line));
  }

  private boolean verifies(ServerLine line) {
    boolean isHello = check.isTlsOfItsOwn() && check.isHello();
    String verify = line.value("verify");
    return !isHello && (verify.isEmpty() ? !context.noVerify : !verify.equals("none"));
  }

  private static Optional<String> constantName(ServerLine line) {
    return line.find("sni")
        .filter(sni -> sni.startsWith(CONSTANT) && sni.endsWith(")"))
        .map(sni -> sni.substring(CONSTANT.length(), sni.length() - 1));
  }

  /** Whether HAProxy sends the name of the request's host in the handshake. */
  private boolean namesHost(ServerLine line) {
    return !proxy.isTcp()
        && line.has("ssl")
        && line.find("sni").isEmpty()
        && !line.has("no-sni-auto")
        && (line.has("sni-auto") || context.version.isAtLeast(NAMES_HOST));
  }

  /** The host that a rule without condition gives to every request to the servers. */
  private Optional<String> onlyHost() {
    if (proxy.lines("http-request", "allow").findAny().isPresent()) {
      return Optional.empty();
    }
    return proxy
        .lines("http-request")
        .filter(BackendTls::mayChangeHost)
        .reduce((first, second) -> second)
        .filter(line -> line.word(1).equals("set-header") && line.size() == SET_HOST)
        .map(line -> line.word(SET_HOST - 1).replaceFirst(":[0-9]+$", ""))
        .filter(host -> host.matches("[A-Za-z0-9._-]+"));
  }

  private static boolean mayChangeHost(Statement rule) {
    String action = rule.word(1);
    boolean isHost = rule.word(2).equalsIgnoreCase("host");
    return OF_ANY_FIELD.contains(action)
        || action.startsWith("lua.")
        || (OF_ONE_FIELD.contains(action) && isHost)
        || (action.equals("del-header") && (isHost || rule.from(2).contains("-m")));
  }

  /**
   * Adds {@code tls} to a pool, and the bundle of its certificates to the static settings.
   *
   * @param name of the pool
   */
  void addTo(YamlMap pool, String name) {
    if (secured.isEmpty()) {
      return;
    }
    ServerLine first = secured.getFirst();
    YamlMap tls = YamlMap.flow();
    String bundle = name + "-servers";
    String prefix = "spring.ssl.bundle.pem." + bundle;
    Optional<String> authorities = first.find("ca-file").filter(each -> !each.startsWith("@"));
    Optional<String> certificate = first.find("crt");
    authorities.ifPresent(
        each -> put(prefix + ".truststore.certificate", ImportContext.path(context.caBase, each)));
    certificate.ifPresent(
        each -> {
          put(prefix + ".keystore.certificate", ImportContext.path(context.crtBase, each));
          put(prefix + ".keystore.private-key", ImportContext.path(context.crtBase, each));
        });
    if (authorities.isPresent() || certificate.isPresent()) {
      tls.put("bundle", bundle);
    }
    serverName(first).ifPresentOrElse(each -> tls.put("server-name", each), () -> judgeSni(first));
    if (serverName(first).isPresent() && serverName(first).equals(verifiedName(first))) {
      judgeVerifyHost();
    }
    if (!verifies(first)) {
      tls.put("verify", false);
    }
    secured.forEach(each -> judgeShared(each, first));
    if (!tls.isEmpty()) {
      pool.put("tls", tls);
    }
  }

  /** HAProxy verifies {@code verifyhost} only where no name is sent in the handshake. */
  private void judgeVerifyHost() {
    secured.stream()
        .filter(
            each ->
                (namesHost(each) && onlyHost().isEmpty())
                    || (each.find("sni").isPresent() && constantName(each).isEmpty()))
        .forEach(
            each ->
                context.ledger.guardApproximated(
                    each.statement(),
                    "`verifyhost`: its name is sent and verified; HAProxy does so with the name of"
                        + " `sni`, or of the request's Host"));
  }

  private void judgeSni(ServerLine first) {
    secured.stream()
        .filter(this::namesHost)
        .forEach(
            each ->
                context.ledger.approximated(
                    each.statement(),
                    "`sni-auto`, the default from HAProxy "
                        + NAMES_HOST
                        + " on: the name of the server's own URL is sent in the handshake instead"
                        + " of that of the request's Host; to send another, set tls.server-name of"
                        + " the pool"));
    for (ServerLine each : first.find("sni").isPresent() ? secured : List.<ServerLine>of()) {
      context.ledger.approximated(
          each.statement(),
          "`sni`: the server's own name is sent instead of '%s'; to send another, set tls.server-name of the pool"
              .formatted(each.value("sni")));
    }
  }

  private void judgeShared(ServerLine line, ServerLine first) {
    SHARED.stream()
        .filter(name -> !shared(name, line).equals(shared(name, first)))
        .forEach(
            name ->
                context.ledger.guardApproximated(
                    line.statement(),
                    "'" + name + "' of the first server is used for the whole pool"));
  }

  /** What counts of a parameter that counts for the pool. */
  private String shared(String name, ServerLine line) {
    return switch (name) {
      case "verify" -> verifies(line) ? "required" : "none";
      case "verifyhost" -> verifiedName(line).orElse("");
      default -> line.value(name);
    };
  }

  private void put(String setting, String file) {
    context.settings.put(setting, "file:" + file);
  }
}
