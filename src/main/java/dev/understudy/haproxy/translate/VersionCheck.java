package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.KeywordVersions;
import dev.understudy.haproxy.report.KeywordVersions.Range;
import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.HaproxyFile;
import dev.understudy.haproxy.syntax.HaproxySection;
import dev.understudy.haproxy.syntax.HaproxyVersion;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.translate.AcceptedArguments.Parameter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds lines with keywords that the version of HAProxy lacks as which the file is read.
 *
 * <p>With a version that was named, each such line has a verdict of its own, as HAProxy of that
 * version refuses it. Without one, keywords that are gone are no news: the assumed version is there
 * to read old files too.
 *
 * @param lines the line's number, its source, and both versions
 * @param text as which version the file is read
 */
public record VersionCheck(List<String> lines, String text) {
  private static final int LONGEST = 120;

  /** From here on HAProxy shares idle connections to servers by default. */
  private static final HaproxyVersion SHARES_CONNECTIONS = new HaproxyVersion(1, 9);

  /** From here on TLS 1.2 is the lowest version by default. */
  private static final HaproxyVersion TLS_1_2 = new HaproxyVersion(2, 2);

  /** From here on a client that ends its output cancels its request by default. */
  private static final HaproxyVersion ABORTS = new HaproxyVersion(3, 3);

  /** A keyword where it stands. */
  private record Keyword(String place, String name) {}

  /**
   * Checks a file, and judges lines of another version than the one that was named.
   *
   * @param named null: nobody names one
   */
  public static VersionCheck of(
      HaproxyFile file, VerdictLedger ledger, @Nullable HaproxyVersion named) {
    HaproxyVersion version = named == null ? HaproxyVersion.ASSUMED : named;
    List<String> lines = new ArrayList<>();
    for (HaproxySection section : file.sections()) {
      check(section.header(), List.of(header(section)), version, named, ledger, lines);
      for (Statement each : section.statements()) {
        check(each, keywords(section, each), version, named, ledger, lines);
      }
    }
    return new VersionCheck(lines, text(version, named));
  }

  private static String text(HaproxyVersion version, @Nullable HaproxyVersion named) {
    List<String> sentences = new ArrayList<>();
    sentences.add(
        named == null
            ? "Read as HAProxy "
                + version
                + ", as --haproxy is not given. Defaults differ between versions: name yours, as"
                + " haproxy -v prints it."
            : "Read as HAProxy " + version + ".");
    if (!version.isAtLeast(SHARES_CONNECTIONS)) {
      sentences.add(
          "Its default is http-reuse never: here idle connections to servers are shared between"
              + " clients, unless timeouts.keep-alive of the pool is 0s.");
    }
    if (!version.isAtLeast(TLS_1_2)) {
      sentences.add(
          "Its listeners accept TLS 1.0 and 1.1 by default: here 1.2 is the lowest version.");
    }
    if (version.isAtLeast(ABORTS)) {
      sentences.add(
          "Its default is option abortonclose: here a request is cancelled if its client resets the"
              + " connection; one that merely ends its output gets its response.");
    }
    return String.join("\n", sentences);
  }

  private static void check(
      Statement line,
      List<Keyword> keywords,
      HaproxyVersion version,
      @Nullable HaproxyVersion named,
      VerdictLedger ledger,
      List<String> lines) {
    for (Keyword each : keywords) {
      Range range = KeywordVersions.of(each.place(), each.name()).orElse(null);
      if (range == null
          || !(range.isNewerThan(version) || (named != null && range.isOlderThan(version)))) {
        continue;
      }
      String difference =
          "'%s' is known to HAProxy %s, and the file is read as one of %s%s"
              .formatted(each.name(), range.text(), version, named == null ? "" : " (--haproxy)");
      String source = line.source();
      lines.add(
          "%d: %s: %s"
              .formatted(
                  line.line(),
                  source.length() > LONGEST ? source.substring(0, LONGEST) + "…" : source,
                  difference));
      if (named != null) {
        ledger.approximated(line, difference);
      }
    }
  }

  private static Keyword header(HaproxySection section) {
    return new Keyword("section", section.kind().keyword());
  }

  private static List<Keyword> keywords(HaproxySection section, Statement line) {
    String keyword = line.keyword();
    if (!section.kind().isProxy()) {
      return List.of(new Keyword(section.kind().keyword(), keyword));
    }
    List<Keyword> found = new ArrayList<>(List.of(new Keyword("proxy", keyword)));
    switch (keyword) {
      case "bind" -> parameters("bind", line.from(2), found);
      case "server" -> parameters("server", line.from(3), found);
      case "server-template" -> parameters("server", line.from(4), found);
      case "default-server" -> parameters("server", line.from(1), found);
      case "http-request", "http-response", "http-after-response" ->
          found.add(new Keyword("action", RuleLine.actionName(line.word(1))));
      case "tcp-request", "tcp-response" ->
          found.add(new Keyword("action", RuleLine.actionName(line.word(2))));
      default -> found.add(new Keyword(keyword, RuleLine.actionName(line.word(1))));
    }
    return found;
  }

  private static void parameters(String place, List<String> words, List<Keyword> found) {
    for (Parameter each : AcceptedArguments.parameters(place, words)) {
      found.add(new Keyword(place, each.name()));
    }
  }
}
