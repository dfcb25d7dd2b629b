package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import dev.understudy.haproxy.yaml.YamlMap;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a backend recognises sessions by: the cookie that HAProxy sets, else the first {@code stick}
 * line of which {@code sticky} has the like.
 */
final class SessionKey {
  private static final Set<String> SET_BY_PROXY = Set.of("insert", "prefix", "rewrite");

  /** Options of a cookie that a value follows. */
  private static final Set<String> VALUED = Set.of("domain", "attr", "maxidle", "maxlife");

  private static final String SAME_SITE = "SameSite=";

  /**
   * A {@code stick} line.
   *
   * @param sample absent if it cannot be read
   * @param problem why it cannot
   */
  private record Stick(Statement line, Optional<Sample> sample, String problem) {
    static Stick of(Statement line) {
      try {
        return new Stick(line, Optional.of(Sample.parse(line.word(2))), "");
      } catch (SyntaxException e) {
        return new Stick(line, Optional.empty(), e.text());
      }
    }

    boolean isOfResponse() {
      return line.word(1).equals("store-response");
    }

    /** The settings that recognise the same sessions; absent if there are none. */
    Optional<YamlMap> key() {
      return sample.flatMap(
          each ->
              switch (each.name()) {
                case "src", "fc_src" ->
                    Optional.of(YamlMap.flow().put("type", "client-address"))
                        .filter(any -> !isOfResponse());
                case "req.cook", "cook", "res.cook" ->
                    Optional.of(
                        YamlMap.flow().put("type", "app-cookie").put("cookie", each.argument()));
                default -> Optional.empty();
              });
    }
  }

  private final Context context;
  private final Proxy proxy;
  private final Ledger ledger;

  /** Whether one server at a time serves TCP clients, so that they need no session. */
  private final boolean unneeded;

  private final Optional<Statement> cookie;
  private final List<Stick> sticks;

  /** The stick line that counts. */
  private final Optional<Stick> chosen;

  SessionKey(Context context, Proxy proxy, boolean failover) {
    this.context = context;
    this.proxy = proxy;
    ledger = context.ledger;
    unneeded = proxy.isTcp() && failover;
    cookie = proxy.take("cookie");
    sticks = proxy.takeAll("stick").stream().map(Stick::of).toList();
    chosen = sticks.stream().filter(each -> each.key().isPresent()).findFirst();
  }

  /** Whether a line has sessions kept by a cookie that HAProxy sets, not by the application's. */
  static boolean isSetByProxy(Statement line) {
    return line.keyword().equals("cookie") && line.from(2).stream().anyMatch(SET_BY_PROXY::contains);
  }

  /** The line of the cookie that decides. */
  private Optional<Statement> setCookie() {
    return cookie.filter(each -> !proxy.isTcp() && isSetByProxy(each));
  }

  void judge() {
    cookie.ifPresent(this::judgeCookie);
    boolean seen = false;
    for (Stick each : sticks) {
      if (setCookie().isPresent()) {
        ledger.notNeeded(each.line(), "the cookie of line " + setCookie().get().line() + " decides");
      } else if (unneeded) {
        ledger.notNeeded(each.line(), "one server at a time serves");
      } else {
        judge(each, seen);
        seen |= each.key().isPresent();
      }
    }
  }

  private void judgeCookie(Statement line) {
    if (proxy.isTcp()) {
      ledger.notNeeded(line, "TCP has no cookies; HAProxy ignores this line");
      return;
    }
    if (!isSetByProxy(line)) {
      ledger.exact(line, "`PreferServer=SERVER when cookie(NAME, VALUE)` for each server");
      return;
    }
    List<String> options = line.from(2);
    if (options.contains("rewrite")) {
      ledger.approximated(line, "a cookie of our own is set; the application's is not changed");
      return;
    }
    List<String> details = new ArrayList<>();
    if (options.contains("insert") && !String.join(" ", options).contains(SAME_SITE)) {
      details.add("with SameSite=Lax, which same-site changes");
    }
    if (options.contains("insert") && !options.contains("httponly")) {
      details.add("with HttpOnly, which http-only changes");
    }
    List<String> leftOut = new ArrayList<>();
    addAttributes(options, YamlMap.flow(), leftOut);
    if (!leftOut.isEmpty()) {
      details.add("without " + String.join(", ", leftOut));
    }
    ledger.row(line, "proxy", "cookie", String.join("; ", details));
  }

  private void judge(Stick stick, boolean isDecided) {
    Statement line = stick.line();
    List<String> words = line.from(0);
    if (stick.sample().isEmpty()) {
      ledger.unsupported(line, "left out: " + stick.problem());
    } else if (isDecided && stick.isOfResponse()) {
      ledger.exact(line, "learnt from responses anyway");
    } else if (isDecided) {
      ledger.approximated(line, "one way to recognise sessions is enough");
    } else if (stick.key().isEmpty()) {
      ledger.unsupported(
          line,
          "sessions are recognised by our cookie, the application's or the client's address, not"
              + " by '"
              + stick.sample().get().source()
              + "'");
    } else if (words.contains("if") || words.contains("unless")) {
      ledger.approximated(line, "for all requests, whatever the condition");
    } else {
      ledger.row(line, "proxy", "stick on");
    }
  }

  /** Adds {@code sticky} to a pool that has sessions. */
  void addTo(YamlMap pool) {
    if (setCookie().isPresent()) {
      Statement line = setCookie().get();
      YamlMap sticky = YamlMap.flow();
      if (line.from(2).contains("prefix")) {
        sticky.put("type", "prefix");
      }
      sticky.put("cookie", line.word(1));
      sticky.put("after-failback", "keep");
      addAttributes(line.from(2), sticky, new ArrayList<>());
      pool.put("sticky", sticky, List.of(line.source()));
    } else if (!unneeded) {
      chosen.ifPresent(each -> addStick(each, pool));
    }
  }

  /** Adds what options of a cookie have here, to settings or to what is left out. */
  private static void addAttributes(List<String> options, YamlMap to, List<String> leftOut) {
    Iterator<String> words = options.iterator();
    while (words.hasNext()) {
      String option = words.next();
      String value = VALUED.contains(option) && words.hasNext() ? words.next() : "";
      switch (option) {
        case "secure" -> to.put("secure", true);
        case "httponly" -> to.put("http-only", true);
        case "domain" -> to.put("domain", value);
        case "attr" -> {
          if (value.startsWith(SAME_SITE)) {
            to.put("same-site", value.substring(SAME_SITE.length()).toLowerCase(Locale.ROOT));
          } else {
            leftOut.add("attr " + value);
          }
        }
        case "maxidle", "maxlife", "preserve", "postonly", "nocache" -> leftOut.add(option);
        default -> {}
      }
    }
  }

  private void addStick(Stick stick, YamlMap pool) {
    Statement line = stick.line();
    int at = line.from(0).indexOf("table");
    Optional<StickTable> table =
        Optional.ofNullable(context.tables.get(at < 0 ? proxy.name() : line.word(at + 1)));
    YamlMap sticky = stick.key().orElseThrow();
    List<String> comments = new ArrayList<>();
    table.ifPresent(
        each -> {
          sticky.put("entries", each.boundedEntries());
          each.expire().ifPresent(time -> sticky.put("expire", TimeText.ours(time)));
          comments.add(each.statement().source());
        });
    sticky.put("after-failback", "keep");
    comments.add(line.source());
    pool.put("sticky", sticky, comments);
  }
}
