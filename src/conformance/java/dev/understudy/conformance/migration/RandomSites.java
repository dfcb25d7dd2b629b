package dev.understudy.conformance.migration;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Valid configurations of HAProxy at random, as frontends of one file, over few paths, hosts and
 * fields, so that rules meet; and requests for them. The same seed gives the same.
 */
final class RandomSites {
  private static final List<String> PATHS =
      List.of("/", "/a", "/a/", "/a/b", "/b", "/b/a.css", "/ab", "/A", "/c/d/e", "/a.php");
  private static final List<String> HOSTS =
      List.of("a.example.com", "b.example.com", "example.com", "c.b.example.com");
  private static final List<String> METHODS =
      List.of("GET", "GET", "GET", "POST", "HEAD", "DELETE");
  private static final List<String> SERVERS = List.of("A", "B", "C");

  private final Random random;

  RandomSites(long seed) {
    random = new Random(seed);
  }

  /** A file with that many frontends, on the ports in {@code P0}, {@code P1} and so on. */
  String file(int sites) {
    StringBuilder text =
        new StringBuilder(
            """
            defaults
              mode http
              timeout connect 5s
              timeout client 30s
              timeout server 30s
            """);
    for (int i = 0; i < sites; i++) {
      site(i, text);
    }
    return text.toString();
  }

  private void site(int number, StringBuilder text) {
    line(text, "frontend f" + number, "  bind \"127.0.0.1:${P" + number + "}\"");
    int acls = 2 + random.nextInt(3);
    for (int i = 0; i < acls; i++) {
      line(text, "  acl x" + i + " " + test());
      if (random.nextInt(4) == 0) {
        line(text, "  acl x" + i + " " + test());
      }
    }
    // The import takes a variable that nothing sets for unknown, as another file may set it.
    line(text, "  http-request set-var(txn.v) " + pick("str(k)", "path"));
    rules(acls, text);
    for (int i = 0; i < 2; i++) {
      line(text, "  use_backend b" + number + "-" + i + condition(acls, 0));
    }
    line(text, "  default_backend b" + number + "-2");
    for (int i = 0; i < 3; i++) {
      line(text, "backend b" + number + "-" + i);
      if (random.nextInt(3) == 0) {
        line(text, "  http-request " + change() + pick("", " if { " + test() + " }"));
      }
      if (random.nextInt(4) == 0) {
        line(text, "  http-response " + response());
      }
      line(text, "  server s \"127.0.0.1:${" + SERVERS.get(i) + "}\"");
    }
  }

  private void rules(int acls, StringBuilder text) {
    List<String> redirects = new ArrayList<>();
    for (int i = 0; i < 2 + random.nextInt(4); i++) {
      switch (random.nextInt(8)) {
        case 0 -> line(text, "  http-request deny" + condition(acls, 0));
        case 5 -> line(text, "  http-request allow" + condition(acls, 0));
        case 6 -> line(text, "  http-request return " + local() + condition(acls, 0));
        case 1 ->
            line(
                text,
                "  http-request deny deny_status 4" + pick("00", "04", "29") + condition(acls, 0));
        case 2 -> line(text, "  http-request redirect " + redirect() + condition(acls, 0));
        case 3 -> redirects.add("  redirect " + redirect() + condition(acls, 0));
        case 4 -> line(text, "  http-response " + response());
        default -> line(text, "  http-request " + change() + condition(acls, 3));
      }
    }
    redirects.forEach(each -> line(text, each));
  }

  private String local() {
    return pick(
        "status 200 content-type text/plain string hello",
        "status 410 content-type text/html string <b>gone</b>",
        "status 404 content-type application/json string '{\"a\":[1,2]}'",
        "status 200 content-type text/plain lf-string \"%[path] %[query]\" hdr Retry-After 5");
  }

  private String redirect() {
    String target =
        switch (random.nextInt(4)) {
          case 0 -> "location /" + pick("x", "a?b=c", "");
          case 1 -> "prefix /p" + pick("", " drop-query", " drop-query append-slash");
          case 2 -> "prefix https://x.example.com";
          default -> "scheme https";
        };
    return target + pick("", " code 301", " code 303", " code 307", " code 308");
  }

  private String change() {
    return switch (random.nextInt(11)) {
      case 9 -> "set-header Host " + pick("in.example.com", "%[req.hdr(host),lower]");
      case 10 -> "replace-uri ^/a(.*) /u\\1";
      case 0 ->
          "set-header X-A " + pick("one", "%[path]", "%[query]", "%[req.hdr(host)]", "%[method]");
      case 1 -> "add-header X-B " + pick("two", "%[url]", "%[url_param(q)]");
      case 2 -> "del-header X-" + pick("A", "B");
      case 3 -> "set-path /n%[path]";
      case 4 -> "replace-path " + pick("^/a/(.*) /z/\\1", "(.*)b(.*) \\1y\\2", "/a /w");
      case 5 -> "set-query " + pick("q=1", "z=2&%[query]", "p=%[path]");
      case 6 -> "replace-header X-A (.*)o(.*) \\2-\\1";
      case 7 -> "set-var(txn.v) " + pick("str(k)", "path", "req.hdr(X-A)");
      default -> "set-pathq " + pick("/t%[pathq]", "/t", "/t?u=%[path]");
    };
  }

  private String response() {
    return pick(
        "set-header X-R one",
        "add-header X-R two",
        "del-header X-R",
        "set-header X-S s if { status 404 }",
        "replace-header X-R (.)(.*) \\2\\1");
  }

  /** A condition of one to three terms; nothing, at times. */
  private String condition(int acls, int always) {
    if (random.nextInt(4) < always) {
      return "";
    }
    StringBuilder text = new StringBuilder(pick(" if", " if", " unless"));
    int terms = 1 + random.nextInt(3);
    for (int i = 0; i < terms; i++) {
      text.append(i > 0 && random.nextInt(3) == 0 ? " or" : "")
          .append(random.nextInt(4) == 0 ? " !" : " ")
          .append(random.nextInt(3) == 0 ? "{ " + test() + " }" : "x" + random.nextInt(acls));
    }
    return text.toString();
  }

  private String test() {
    return switch (random.nextInt(14)) {
      case 11 -> "var(txn.v) -m " + pick("str k", "found", "str one");
      case 12 -> pick("always_true", "always_false", "src 127.0.0.0/8", "src 10.0.0.0/8", "ssl_fc");
      case 13 ->
          pick(
              "hdr(X-A),lower one",
              "path,lower -m beg /a",
              "hdr_cnt(X-A) gt 1",
              "hdr(host),lower b.example.com");
      case 0 -> "path " + pick(PATHS) + " " + pick(PATHS);
      case 1 -> "path_beg " + pick("", "-i ") + pick(PATHS);
      case 2 -> "path_end " + pick("/", "b", ".css", "-i .PHP");
      case 3 -> "path_reg " + pick("^/a(/|$)", "-i ^/[ab]", "e$", "/$");
      case 4 -> "hdr(host) -i " + pick(HOSTS);
      case 5 -> "hdr_" + pick("beg(host) -i a.", "end(host) -i .example.com", "dom(host) -i b");
      case 6 -> "method " + pick("GET", "POST", "HEAD DELETE");
      case 7 -> "hdr(X-A) " + pick("one", "-i ONE", "-m found", "-m sub n", "-m beg t");
      case 8 -> "url_param(q) " + pick("1", "-m found", "-m beg a");
      case 9 -> "cook(c) " + pick("1", "-m found", "-m end z");
      default -> pick("url_beg /a?", "url_sub q=", "query -m sub =", "path_sub a", "path_dir b");
    };
  }

  /** A row for a frontend. */
  String row(int site) {
    StringBuilder row = new StringBuilder("P" + site + " " + pick(METHODS) + " " + pick(PATHS));
    row.append(pick("", "", "", "?q=1", "?", "?q=ab&r=2", "?r=q=1", "?q="));
    row.append(" | Host: ").append(pick(HOSTS));
    row.append(pick("", "", " | X-A: one", " | X-A: two", " | X-A: One, two", " | X-B: b"));
    row.append(pick("", "", " | Cookie: c=1", " | Cookie: a=1; c=xyz"));
    return row.toString();
  }

  private String pick(String... of) {
    return of[random.nextInt(of.length)];
  }

  private String pick(List<String> of) {
    return of.get(random.nextInt(of.size()));
  }

  private static void line(StringBuilder text, String... lines) {
    for (String each : lines) {
      text.append(each).append('\n');
    }
  }
}
