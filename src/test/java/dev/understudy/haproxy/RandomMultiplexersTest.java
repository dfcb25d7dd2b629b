package dev.understudy.haproxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.pool.FirstBytes;
import dev.understudy.pool.FirstBytes.Match;
import dev.understudy.testing.Extent;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * TCP frontends made at random of what clients send first: each is left out aloud, or its listener
 * leads a choice of clients where HAProxy's rules do.
 */
@Tag(Extent.SLOW)
class RandomMultiplexersTest {
  /** A client: what it sends first, and the server name that it asks for in TLS; empty: none. */
  private record Client(String sent, String name) {
    boolean tls() {
      return sent.startsWith("\u0016\u0003");
    }

    boolean http() {
      return sent.matches("(?s)(GET|POST) /.*");
    }
  }

  private record Comparison(String text, Predicate<Client> holds) {}

  private record Rule(String text, boolean refuses, Predicate<Client> holds, String backend) {}

  private static final List<Client> CLIENTS =
      List.of(
          new Client("", ""),
          new Client("\u0016\u0003\u0001\u0002", ""),
          new Client("\u0016\u0003\u0003\u0002", ""),
          new Client("\u0016\u0003\u0001\u0002", "a.example"),
          new Client("\u0016\u0003\u0003\u0002", "a.example"),
          new Client("\u0016\u0003\u0001\u0002", "x.b.example"),
          new Client("\u0016\u0003\u0003\u0002", "y.b.example"),
          new Client("\u0016\u0003\u0001\u0002", "b.example"),
          new Client("\u0016\u0003\u0001\u0002", "other.example"),
          new Client("\u0016\u0002\u0001\u0002", ""),
          new Client("SSH-2.0-x\r\n", ""),
          new Client("SSH-1.99-x\r\n", ""),
          new Client("GET / HTTP/1.1\r\n\r\n", ""),
          new Client("POST /x HTTP/1.1\r\n\r\n", ""),
          new Client("GETS key\r\n", ""),
          new Client("\u0003\u0000\u0000\u0013", ""));

  private static Comparison bytes(String prefix) {
    return new Comparison(
        "{ payload(0,%d) -m str %s }".formatted(prefix.length(), prefix),
        client -> client.sent().startsWith(prefix));
  }

  private static final List<Comparison> COMPARISONS =
      List.of(
          new Comparison("{ req.ssl_hello_type 1 }", Client::tls),
          new Comparison("{ req.ssl_sni -i a.example }", c -> c.name().equals("a.example")),
          new Comparison("{ req.ssl_sni x.b.example }", c -> c.name().equals("x.b.example")),
          new Comparison("{ req.ssl_sni -m end .b.example }", c -> c.name().endsWith(".b.example")),
          new Comparison("{ req.ssl_sni -m found }", c -> !c.name().isEmpty()),
          new Comparison("HTTP", Client::http),
          new Comparison(
              "{ payload(0,3) -m bin 160301 }", c -> c.sent().startsWith("\u0016\u0003\u0001")),
          new Comparison("{ payload(0,1) -m bin 16 }", c -> c.sent().startsWith("\u0016")),
          bytes("SSH-2"),
          bytes("SSH-"),
          bytes("GET"),
          bytes("POST"));

  private static Comparison condition(Random random) {
    Comparison first = COMPARISONS.get(random.nextInt(COMPARISONS.size()));
    if (random.nextInt(3) == 0) {
      first = new Comparison("!" + first.text(), first.holds().negate());
    }
    if (random.nextInt(3) > 0) {
      return first;
    }
    Comparison other = COMPARISONS.get(random.nextInt(COMPARISONS.size()));
    return random.nextBoolean()
        ? new Comparison(first.text() + " " + other.text(), first.holds().and(other.holds()))
        : new Comparison(first.text() + " or " + other.text(), first.holds().or(other.holds()));
  }

  private static Rule rule(Random random, boolean ofContent) {
    Comparison condition = condition(random);
    boolean refuses = ofContent && random.nextBoolean();
    String backend = "b" + random.nextInt(3);
    String action =
        ofContent
            ? "tcp-request content " + (refuses ? "reject" : "accept")
            : "use_backend " + backend;
    return new Rule(action + " if " + condition.text(), refuses, condition.holds(), backend);
  }

  /** HAProxy's backend; empty: the client is refused. */
  private static String expected(
      Client client, List<Rule> contents, List<Rule> uses, String standard) {
    for (Rule rule : contents) {
      if (rule.holds().test(client)) {
        if (rule.refuses()) {
          return "";
        }
        break;
      }
    }
    return uses.stream()
        .filter(rule -> rule.holds().test(client))
        .map(Rule::backend)
        .findFirst()
        .orElse(standard);
  }

  private static final Pattern ENTRY = Pattern.compile("\"?([^\", {}]+)\"?: (b[0-9])");

  private static Map<String, String> map(String yaml, String setting) {
    Map<String, String> map = new LinkedHashMap<>();
    Matcher line = Pattern.compile("(?m)^    " + setting + ": (.*)$").matcher(yaml);
    if (line.find()) {
      Matcher entry = ENTRY.matcher(line.group(1));
      while (entry.find()) {
        map.put(entry.group(1), entry.group(2));
      }
    }
    return map;
  }

  /** The listener's pool, as config/listeners.md describes; empty: the client is closed. */
  private static String led(Client client, String yaml) {
    Map<String, String> names = map(yaml, "server-names");
    String wild = "*" + client.name().substring(Math.max(0, client.name().indexOf('.')));
    String named = names.getOrDefault(client.name(), names.get(wild));
    if (named != null && !client.name().isEmpty()) {
      return named;
    }
    byte[] sent = client.sent().getBytes(ISO_8859_1);
    return map(yaml, "protocols").entrySet().stream()
        .filter(each -> new FirstBytes(each.getKey()).match(sent, sent.length) == Match.YES)
        .min(
            Comparator.comparingInt(
                each -> each.getKey().startsWith("0x") ? -each.getKey().length() : 0))
        .map(Map.Entry::getValue)
        .orElseGet(
            () -> {
              Matcher pool = Pattern.compile("(?m)^    pool: (b[0-9])$").matcher(yaml);
              return pool.find() ? pool.group(1) : "";
            });
  }

  @Test
  void a_listener_leads_each_client_where_haproxy_does() {
    int made = 0;
    int rounds = 3000;
    for (int seed = 0; seed < rounds; seed++) {
      Random random = new Random(seed);
      List<Rule> contents =
          random.ints(random.nextInt(3)).mapToObj(any -> rule(random, true)).toList();
      List<Rule> uses =
          random.ints(1 + random.nextInt(4)).mapToObj(any -> rule(random, false)).toList();
      String standard = random.nextInt(4) == 0 ? "" : "b" + random.nextInt(3);
      String text =
          "defaults\n  mode tcp\nfrontend fe\n  bind :443\n"
              + lines(contents)
              + lines(uses)
              + (standard.isEmpty() ? "" : "  default_backend " + standard + "\n")
              + "backend b0\n  server a 192.0.2.1:1\n"
              + "backend b1\n  server a 192.0.2.1:2\n"
              + "backend b2\n  server a 192.0.2.1:3\n";
      Imported imported = Imports.good(text);
      if (!imported.yaml().contains("listeners:")) {
        assertThat(imported.isLossy()).as("%s: %s", seed, text).isTrue();
        continue;
      }
      made++;
      for (Client client : CLIENTS) {
        assertThat(led(client, imported.yaml()))
            .as("%s: %s of%n%s%n%s", seed, client, text, imported.yaml())
            .isEqualTo(expected(client, contents, uses, standard));
      }
    }
    assertThat(made).isGreaterThan(rounds / 10);
  }

  private static String lines(List<Rule> rules) {
    return rules.stream().map(each -> "  " + each.text() + "\n").collect(Collectors.joining());
  }
}
