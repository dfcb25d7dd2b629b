package dev.understudy.proxy.filter;

import dev.understudy.condition.Escape;
import dev.understudy.condition.Facts;
import dev.understudy.condition.Template;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.proxy.engine.LocalResponse;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code Respond}: ends every request with a text, the same for all: nothing reaches a server
 * (HAProxy {@code http-request return}, {@code monitor-uri}).
 *
 * @param status 200 to 599; with 204, 205 and 304 no text is sent
 * @param text may be empty
 */
public record Respond(int status, String text) implements Step {
  /**
   * {@code Respond=STATUS, TEXT}
   *
   * <p>Ends every request with that status, 200 to 599, and the text as {@code text/plain}. The
   * text may have commas and [values](conditions.md#values). Long form: {@code args: { status: 200,
   * text: …, content-type: text/html, headers: { NAME: VALUE } }}; values are escaped for HTML, XML
   * and JSON.
   *
   * <p>Example: {@code Respond=200, a text, with commas}
   */
  public static final FilterKind KIND =
      FilterKind.own("Respond", "status", "text", "content-type")
          .with(Trait.FIELDS, Trait.ENDING, Trait.GUARD, Trait.FIRST, Trait.FREE_TEXT)
          .firstShown()
          .split(2);

  public Respond {
    ResponseStatus.require(status, 200);
  }

  static Step compile(FilterSource source) throws NotCompilableException {
    FilterArguments args = source.arguments();
    int status = args.number("status", 200);
    String text = args.text("text", "");
    if (args.headers.isEmpty() && !args.has("content-type") && !source.hasValues(text)) {
      return new Respond(status, text);
    }
    Map<String, Template> headers = new LinkedHashMap<>();
    args.headers.forEach(
        (name, value) ->
            headers.put(
                FilterSource.token(name),
                source.template(FilterSource.visible(value, "headers." + name))));
    return new WithValues(
        status,
        FilterSource.visible(args.text("content-type", WithValues.PLAIN), "content-type"),
        source.template(text),
        headers);
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    return request.respond(LocalResponse.text(status, text, request.id()));
  }

  /**
   * {@code Respond} with values of the request, a content type or header fields.
   *
   * @param status 200 to 599
   * @param contentType of the text
   * @param headers values by name
   */
  record WithValues(int status, String contentType, Template text, Map<String, Template> headers)
      implements Step.Rule {
    /** The default type. */
    private static final String PLAIN = "text/plain;charset=utf-8";

    public WithValues {
      ResponseStatus.require(status, 200);
      headers = new LinkedHashMap<>(headers);
    }

    @Override
    public FilterResult apply(RouteRequest request) {
      RequestFacts facts = request.facts();
      return request.respond(
          LocalResponse.text(
              status,
              contentType,
              text.render(facts, Escape.forType(contentType)),
              request.id(),
              fields(facts)));
    }

    private Map<String, String> fields(Facts facts) {
      if (headers.isEmpty()) {
        return Map.of();
      }
      Map<String, String> fields = new LinkedHashMap<>();
      headers.forEach((name, value) -> fields.put(name, value.render(facts, Escape.HEADER)));
      return fields;
    }
  }
}
