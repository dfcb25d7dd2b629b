package dev.understudy.proxy.errorpage;

import dev.understudy.pool.ErrorPages;
import dev.understudy.proxy.errorpage.PageTemplate.Form;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The pages of statuses for which the operator has none. They name neither product nor server, load
 * nothing and run no script.
 */
final class BuiltInPages {
  /** What a page says: a heading, and one or two sentences. */
  private record Words(String heading, String text) {}

  private static final Map<Integer, Words> WORDS =
      Map.ofEntries(
          words(400, "This request is not valid", "Check the address, then try again."),
          words(401, "Please sign in first", "This page is for signed-in users."),
          words(
              403,
              "You have no access to this page",
              "If you think that you should have, ask the people who run this site."),
          words(404, "This page does not exist", "Check the address for typing errors."),
          words(405, "This is not possible here", "The page does not offer what was asked of it."),
          words(
              408, "The request took too long to arrive", "Check your connection, then try again."),
          words(410, "This page no longer exists", "It was removed and will not come back."),
          words(
              413,
              "That is too large",
              "The file or form is larger than this site accepts. Send less at once."),
          words(414, "The address is too long", "Shorten it, then try again."),
          words(
              421,
              "This request came to the wrong place",
              "Close this page, then open the address again."),
          words(429, "Too many requests", "Wait a moment, then try again."),
          words(
              431, "The request is too large", "Deleting the cookies of this site usually helps."),
          words(
              451,
              "This page is not available for legal reasons",
              "It may not be shown where you are."),
          words(500, "Something went wrong", "This is not your fault. Please try again later."),
          words(
              502,
              "Something went wrong",
              "What you sent may or may not have been processed. Check that before you send it"
                  + " again."),
          words(
              503,
              "This service is not available right now",
              "It should be back shortly. Please try again in a few moments."),
          words(
              504,
              "This is taking too long",
              "What you sent may or may not have been processed. Check that before you send it"
                  + " again."),
          words(
              ErrorPages.MAINTENANCE,
              "This service is being worked on",
              "It will be back when the work is done. Please try again later."));

  /** What pages say that load themselves again: all of them are responses to a GET or HEAD. */
  private static final Map<Integer, Words> REFRESHING_WORDS =
      Map.ofEntries(
          words(502, "Something went wrong", "The service could not complete this request."),
          words(503, "This service is not available right now", "It should be back shortly."),
          words(504, "This is taking too long", "The service did not respond in time."),
          words(
              ErrorPages.MAINTENANCE,
              "This service is being worked on",
              "It will be back when the work is done."));

  private static final Words OTHER_4XX =
      new Words("This request was not accepted", "Check the address, then try again.");

  private static final Words OTHER_5XX =
      new Words("Something went wrong", "This is not your fault. Please try again later.");

  /** The line above the heading. */
  private static final String ERROR = "Error {status}";

  private static final String REFRESH =
      """
      <p class="next">This page tries again by itself in {refresh}&nbsp;seconds. \
      <a href="">Try now</a></p>
      """;

  /**
   * {@code LABEL}, {@code HEADING}, {@code TEXT} and {@code NEXT} stand for what differs between
   * the pages.
   */
  private static final String DOCUMENT = resource("page.html");

  /** Sentences for the developers of clients. */
  private static final Map<Integer, String> DETAILS =
      Map.of(
          400,
          "The request cannot be forwarded.",
          421,
          "This connection is not for the host that the request names. Open a new one.",
          502,
          "The server failed after it had received the request.",
          503,
          "No server can serve this request now. Please try again.",
          504,
          "The server did not respond in time.",
          ErrorPages.MAINTENANCE,
          "The service is in maintenance. Please try again later.");

  /** Members of RFC 9457, and the request's id. */
  private static final String PROBLEM =
      "{\"type\":\"about:blank\",\"title\":\"{reason}\",\"status\":{status}DETAIL"
          + ",\"requestId\":\"{request-id}\"}";

  private static final Map<Integer, PageTemplate> HTML = html(WORDS, "");
  private static final Map<Integer, PageTemplate> REFRESHING = html(REFRESHING_WORDS, REFRESH);
  private static final PageTemplate HTML_4XX = html(ERROR, OTHER_4XX, "");
  private static final PageTemplate HTML_5XX = html(ERROR, OTHER_5XX, "");
  private static final Map<Integer, PageTemplate> JSON = problems();
  private static final PageTemplate PLAIN_JSON = problem("");

  private BuiltInPages() {}

  static PageTemplate html(int status, boolean refreshes) {
    PageTemplate known = refreshes ? REFRESHING.get(status) : null;
    known = known == null ? HTML.get(status) : known;
    return known != null ? known : status < 500 ? HTML_4XX : HTML_5XX;
  }

  static PageTemplate json(int status) {
    return Objects.requireNonNullElse(JSON.get(status), PLAIN_JSON);
  }

  private static String resource(String name) {
    try (InputStream in = BuiltInPages.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map.Entry<Integer, Words> words(int status, String heading, String text) {
    return Map.entry(status, new Words(heading, text));
  }

  private static Map<Integer, PageTemplate> html(Map<Integer, Words> words, String next) {
    Map<Integer, PageTemplate> pages = new HashMap<>();
    words.forEach(
        (status, each) ->
            pages.put(
                status,
                html(status == ErrorPages.MAINTENANCE ? "Maintenance" : ERROR, each, next)));
    return pages;
  }

  private static PageTemplate html(String label, Words words, String next) {
    return PageTemplate.of(
        Form.HTML,
        DOCUMENT
            .replace("LABEL", label)
            .replace("HEADING", words.heading())
            .replace("TEXT", words.text())
            .replace("NEXT", next));
  }

  private static Map<Integer, PageTemplate> problems() {
    Map<Integer, PageTemplate> pages = new HashMap<>();
    DETAILS.forEach(
        (status, detail) -> pages.put(status, problem(",\"detail\":\"" + detail + "\"")));
    return pages;
  }

  private static PageTemplate problem(String detail) {
    return PageTemplate.of(Form.JSON, PROBLEM.replace("DETAIL", detail));
  }
}
