package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import dev.understudy.pool.UnitParser;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a backend recognises sessions by: the cookie that HAProxy sets, else the first {@code stick}
 * line of which {@code sticky} has the like.
 */
final class StickySessions extends SectionTranslation {
  private static final Set<String> SET_BY_PROXY = Set.of("insert", "prefix", "rewrite");

  /**
   * Samples that are the same for all clients of a listener: so the role stays at the server where
   * it went, as HAProxy's own article on active and passive servers has it.
   */
  private static final Set<String> OF_ALL_CLIENTS =
      Set.of(
          "dst",
          "fc_dst",
          "dst_port",
          "fc_dst_port",
          "str",
          "int",
          "always_true",
          "fe_id",
          "be_id",
          "fe_name",
          "be_name");

  /** Options of a cookie that a value follows. */
  private static final Set<String> VALUED = Set.of("domain", "attr", "maxidle", "maxlife");

  private static final String SAME_SITE = "SameSite=";

  StickySessions(ProxySection proxy) {
    super(proxy);
  }

  /** Whether a line has sessions kept by a cookie that HAProxy sets, not by the application's. */
  static boolean isSetByProxy(Statement line) {
    return line.keyword().equals("cookie")
        && line.from(2).stream().anyMatch(SET_BY_PROXY::contains);
  }

  /**
   * Adds {@code sticky} to a pool that has sessions, and judges the lines.
   *
   * @param failover whether one server at a time serves, so that clients of TCP need no session
   */
  void addTo(YamlMap pool, boolean failover) {
    Optional<Statement> cookie = proxy.take("cookie");
    List<Statement> sticks = proxy.takeAll("stick");
    boolean set = cookie.filter(line -> !proxy.isTcp() && isSetByProxy(line)).isPresent();
    if (cookie.isPresent() && proxy.isTcp()) {
      ledger.notNeeded(cookie.get(), "TCP has no cookies; HAProxy ignores this line");
    } else if (set) {
      addCookie(cookie.orElseThrow(), pool);
    } else if (cookie.isPresent()) {
      ledger.exact(cookie.get(), "`PreferServer=SERVER when cookie(NAME, VALUE)` for each server");
    }
    for (Statement stick : sticks) {
      if (set) {
        ledger.notNeeded(stick, "the cookie of line " + cookie.orElseThrow().line() + " decides");
      } else if (failover && keepsRole(stick)) {
        addRole(stick, pool);
      } else if (failover && proxy.isTcp()) {
        ledger.approximated(
            stick,
            "when the master returns, all clients return to it; in HAProxy the clients of the"
                + " backup stay there");
      } else {
        addStick(stick, pool);
      }
    }
  }

  private static boolean keepsRole(Statement line) {
    String name = line.word(2).split("[(,]", 2)[0];
    return line.word(1).equals("on") && OF_ALL_CLIENTS.contains(name);
  }

  /** Has the role stay where it went. */
  private void addRole(Statement line, YamlMap pool) {
    StickTable table = table(line);
    if (table != null && table.keepsFirst() && table.entries() == 1) {
      ledger.approximated(
          line,
          "the table keeps its first entry: as here, the role returns to the master, unless the"
              + " backup had served first");
      return;
    }
    List<String> comments =
        table == null ? List.of(line.source()) : List.of(table.statement().source(), line.source());
    pool.put("failback", YamlMap.flow().put("policy", "manual"), comments);
    String how = "`failback: { policy: manual }`: the role stays where it went";
    if (line.from(0).contains("if") || line.from(0).contains("unless")) {
      ledger.approximated(line, how + ", for all clients, whatever the condition");
    } else if (table != null && table.expire().isPresent()) {
      ledger.approximated(
          line, how + "; in HAProxy it returns once no client has come for the time of 'expire'");
    } else {
      ledger.exact(line, how);
    }
  }

  private void addCookie(Statement line, YamlMap pool) {
    List<String> options = line.from(2);
    YamlMap sticky = YamlMap.flow();
    if (options.contains("prefix")) {
      sticky.put("type", "prefix");
    }
    sticky.put("cookie", line.word(1));
    sticky.put("after-failback", "keep");
    List<String> leftOut = addAttributes(options, sticky);
    pool.put("sticky", sticky, List.of(line.source()));
    if (options.contains("rewrite")) {
      ledger.approximated(
          line, "a cookie of Understudy's own is set; the application's is not changed");
      return;
    }
    List<String> details = new ArrayList<>();
    if (options.contains("insert") && !String.join(" ", options).contains(SAME_SITE)) {
      details.add("with SameSite=Lax, which same-site changes");
    }
    if (options.contains("insert") && !options.contains("httponly")) {
      details.add("with HttpOnly, which http-only changes");
    }
    if (!leftOut.isEmpty()) {
      details.add("without " + String.join(", ", leftOut));
    }
    ledger.row(line, "proxy", "cookie", String.join("; ", details));
  }

  /** Adds the options of a cookie that have settings; returns those that are left out. */
  private static List<String> addAttributes(List<String> options, YamlMap sticky) {
    List<String> leftOut = new ArrayList<>();
    Iterator<String> words = options.iterator();
    while (words.hasNext()) {
      String option = words.next();
      String value = VALUED.contains(option) && words.hasNext() ? words.next() : "";
      switch (option) {
        case "secure" -> sticky.put("secure", true);
        case "httponly" -> sticky.put("http-only", true);
        case "domain" -> sticky.put("domain", value);
        case "attr" -> {
          if (value.startsWith(SAME_SITE)) {
            sticky.put("same-site", value.substring(SAME_SITE.length()).toLowerCase(Locale.ROOT));
          } else {
            leftOut.add("attr " + value);
          }
        }
        case "maxidle", "maxlife", "preserve", "postonly", "nocache" -> leftOut.add(option);
        default -> {}
      }
    }
    return leftOut;
  }

  private void addStick(Statement line, YamlMap pool) {
    Sample sample;
    try {
      sample = Sample.parse(line.word(2));
    } catch (SyntaxException e) {
      ledger.unsupported(line, "left out: " + e.text());
      return;
    }
    boolean response = line.word(1).equals("store-response");
    YamlMap sticky = key(sample, response);
    if (pool.has("sticky") && response) {
      ledger.exact(line, "learnt from responses anyway");
    } else if (pool.has("sticky")) {
      ledger.approximated(line, "one way to recognise sessions is enough");
    } else if (sticky.isEmpty()) {
      ledger.unsupported(
          line,
          "sessions are recognised by a cookie or the client's address, not by '"
              + sample.source()
              + "'");
    } else {
      List<String> comments = addTable(line, sticky);
      sticky.put("after-failback", "keep");
      pool.put("sticky", sticky, comments);
      if (line.from(0).contains("if") || line.from(0).contains("unless")) {
        ledger.approximated(line, "for all requests, whatever the condition");
      } else {
        ledger.row(line, "proxy", "stick on");
      }
    }
  }

  /** The settings that recognise the same sessions; empty if there are none. */
  private static YamlMap key(Sample sample, boolean response) {
    YamlMap key = YamlMap.flow();
    return switch (sample.name()) {
      case "src", "fc_src" -> response ? key : key.put("type", "client-address");
      case "req.cook", "cook", "res.cook" ->
          key.put("type", "app-cookie").put("cookie", sample.argument());
      default -> key;
    };
  }

  private @Nullable StickTable table(Statement line) {
    String other = line.after("table");
    return context.tables.get(other.isEmpty() ? proxy.name() : other);
  }

  /** Adds the size of the table of a line; returns the lines that the settings come from. */
  private List<String> addTable(Statement line, YamlMap sticky) {
    StickTable table = table(line);
    if (table == null) {
      return List.of(line.source());
    }
    sticky.put("entries", table.boundedEntries());
    table.expire().ifPresent(time -> sticky.put("expire", UnitParser.text(time)));
    return List.of(table.statement().source(), line.source());
  }
}
