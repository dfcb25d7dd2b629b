package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import dev.understudy.haproxy.yaml.YamlMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Sessions: {@code cookie}, and {@code stick} with a table. */
final class Sticky {
  private final Context context;
  private final Proxy proxy;
  private final boolean failover;
  private final Ledger ledger;

  private Sticky(Context context, Proxy proxy, boolean failover) {
    this.context = context;
    this.proxy = proxy;
    this.failover = failover;
    ledger = context.ledger;
  }

  /** Adds {@code sticky} to a pool that has sessions. */
  static void addTo(Context context, Proxy proxy, YamlMap pool, boolean failover) {
    new Sticky(context, proxy, failover).add(pool);
  }

  private void add(YamlMap pool) {
    Optional<Statement> cookie = proxy.take("cookie");
    List<Statement> sticks = proxy.takeAll("stick");
    if (cookie.isPresent() && proxy.isTcp()) {
      ledger.notNeeded(cookie.get(), "TCP has no cookies; HAProxy ignores this line");
    } else if (cookie.isPresent() && isOurCookie(cookie.get())) {
      pool.put("sticky", cookie(cookie.get()), List.of(cookie.get().source()));
      sticks.forEach(
          each -> ledger.notNeeded(each, "the cookie of line " + cookie.get().line() + " decides"));
      return;
    } else if (cookie.isPresent()) {
      ledger.exact(cookie.get(), "`PreferServer=SERVER when cookie(NAME, VALUE)` for each server");
    }
    if (proxy.isTcp() && failover) {
      sticks.forEach(each -> ledger.notNeeded(each, "one server at a time serves"));
    } else {
      sticks(sticks, pool);
    }
  }

  /** Whether sessions are kept by a cookie that HAProxy sets, instead of the application. */
  static boolean isOurCookie(Statement statement) {
    return statement.keyword().equals("cookie")
        && statement.from(2).stream().anyMatch(Set.of("insert", "prefix", "rewrite")::contains);
  }

  private YamlMap cookie(Statement statement) {
    List<String> options = statement.from(2);
    YamlMap sticky = YamlMap.flow();
    if (options.contains("prefix")) {
      sticky.put("type", "prefix");
    }
    sticky.put("cookie", statement.word(1));
    sticky.put("after-failback", "keep");
    List<String> lost = new ArrayList<>();
    List<String> details = new ArrayList<>();
    boolean inserts = options.contains("insert");
    if (inserts && !String.join(" ", options).contains("SameSite=")) {
      details.add("with SameSite=Lax, which same-site changes");
    }
    if (inserts && !options.contains("httponly")) {
      details.add("with HttpOnly, which http-only changes");
    }
    for (int i = 0; i < options.size(); i++) {
      switch (options.get(i)) {
        case "secure" -> sticky.put("secure", true);
        case "httponly" -> sticky.put("http-only", true);
        case "domain" -> sticky.put("domain", i + 1 < options.size() ? options.get(++i) : "");
        case "attr" -> {
          String attribute = i + 1 < options.size() ? options.get(++i) : "";
          if (attribute.startsWith("SameSite=")) {
            sticky.put(
                "same-site", attribute.substring("SameSite=".length()).toLowerCase(Locale.ROOT));
          } else {
            lost.add("attr " + attribute);
          }
        }
        case "maxidle", "maxlife" -> lost.add(options.get(i++));
        case "rewrite", "preserve", "postonly", "nocache" -> lost.add(options.get(i));
        default -> {}
      }
    }
    if (options.contains("rewrite")) {
      ledger.approximated(
          statement, "a cookie of our own is set; the application's is not changed");
    } else {
      if (!lost.isEmpty()) {
        details.add("without " + String.join(", ", lost));
      }
      ledger.row(statement, "proxy", "cookie", String.join("; ", details));
    }
    return sticky;
  }

  private void sticks(List<Statement> sticks, YamlMap pool) {
    for (Statement statement : sticks) {
      String kind = statement.word(1);
      String expression = statement.word(2);
      try {
        Sample sample = Sample.parse(expression);
        if (pool.has("sticky")) {
          String why = "one way to recognise sessions is enough";
          if (kind.equals("store-response")) {
            ledger.exact(statement, "learnt from responses anyway");
          } else {
            ledger.approximated(statement, why);
          }
        } else {
          stick(statement, sample, pool);
        }
      } catch (SyntaxException e) {
        ledger.unsupported(statement, "left out: " + e.text());
      }
    }
  }

  private void stick(Statement statement, Sample sample, YamlMap pool) {
    boolean response = statement.word(1).equals("store-response");
    int at = statement.from(0).indexOf("table");
    StickTable table = context.tables.get(at < 0 ? proxy.name() : statement.word(at + 1));
    String name = sample.name();
    YamlMap sticky = YamlMap.flow();
    if (!response && (name.equals("src") || name.equals("fc_src"))) {
      sticky.put("type", "client-address");
    } else if (name.equals("req.cook") || name.equals("cook") || name.equals("res.cook")) {
      sticky.put("type", "app-cookie").put("cookie", sample.argument());
    } else {
      ledger.unsupported(
          statement,
          "sessions are recognised by our cookie, the application's or the client's address, not"
              + " by '"
              + sample.source()
              + "'");
      return;
    }
    if (table != null) {
      sticky.put("entries", table.boundedEntries());
      table.expire().ifPresent(each -> sticky.put("expire", TimeText.ours(each)));
    }
    sticky.put("after-failback", "keep");
    List<String> comments = new ArrayList<>();
    if (table != null) {
      comments.add(table.statement().source());
    }
    comments.add(statement.source());
    pool.put("sticky", sticky, comments);
    List<String> words = statement.from(0);
    if (words.contains("if") || words.contains("unless")) {
      ledger.approximated(statement, "for all requests, whatever the condition");
    } else {
      ledger.row(statement, "proxy", "stick on");
    }
  }
}
