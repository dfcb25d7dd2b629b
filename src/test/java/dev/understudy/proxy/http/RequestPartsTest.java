package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.PathContainer.PathSegment;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;

/** What is counted of a request, beside what Spring makes of it. */
class RequestPartsTest {
  private static HttpHeaders cookies(String... lines) {
    return DefaultHttpHeadersFactory.headersFactory()
        .withValidation(false)
        .newHeaders()
        .set(HttpHeaderNames.COOKIE, List.of(lines));
  }

  @ParameterizedTest(name = "{0} has {1} and {2} parameters")
  @CsvSource({
    "'/',                 1, 0",
    "'*',                 1, 0",
    "'/a/b',              2, 0",
    "'//a//',             4, 0",
    "'/;a',               2, 0",
    "'/a;b=1,2,3;c',      5, 0",
    "'/1,2,3/a=1,2',      2, 0",
    "'/a;b,c',            2, 0",
    "'/a%2fb%3Bc=1%2C2',  1, 0",
    "'/?',                1, 0",
    "'/?a',               1, 1",
    "'/?a=1&b=2&a=3',     1, 3",
    "'/?&&a&&b&',         1, 2",
    "'/?a;b=1,2/c;d',     1, 1",
    "'/?a%26b',           1, 1",
  })
  void parts_of_a_target_are_what_its_separators_make(String target, int segments, int parameters) {
    assertThat(RequestParts.of(target, cookies()))
        .isEqualTo(new RequestParts(segments, parameters, 0));
  }

  @ParameterizedTest(name = "{0} has {1}")
  @CsvSource({
    "'',               0",
    "'a=1',            1",
    "'a=1; b=2',       2",
    "'a=1;b=2;',       2",
    "'x=;x=;x=;',      3",
    "' ; ;;a',         1",
    "'a=1, b=2',       1",
    "'a=1%3Bb=2',      1",
  })
  void cookies_are_what_semicolons_separate(String line, int count) {
    assertThat(RequestParts.of("/", cookies(line)).cookies()).isEqualTo(count);
  }

  @Test
  void cookies_of_all_fields_count_together() {
    assertThat(RequestParts.of("/", cookies("a=1; b=2", "c=3")).cookies()).isEqualTo(3);
  }

  @Test
  void no_more_than_was_counted_becomes_of_it_in_spring() {
    Random random = new Random(68);
    for (int i = 0; i < 20_000; i++) {
      String path = "/" + text(random, "//;;=,a%2fb%3B.");
      String query = text(random, "&&==;,a%26b+");
      String line = text(random, ";;==, a\t$\"%3B");
      HttpHeaders fields = cookies(line, "$Version=1;" + line);
      RequestParts counted = RequestParts.of(path + "?" + query, fields);

      assertThat(made(path)).as(path).isLessThanOrEqualTo(counted.segments());
      assertThat(parameters(query)).as(query).isLessThanOrEqualTo(counted.parameters());
      assertThat(
              fields.getAll(HttpHeaderNames.COOKIE).stream()
                  .mapToInt(each -> ServerCookieDecoder.LAX.decodeAll(each).size())
                  .sum())
          .as(line)
          .isLessThanOrEqualTo(counted.cookies());
    }
  }

  /** Some of the pieces, of which an escape has three characters. */
  private static String text(Random random, String pieces) {
    StringBuilder text = new StringBuilder();
    for (int left = random.nextInt(12); left > 0; left--) {
      char c = pieces.charAt(random.nextInt(pieces.length()));
      text.append(c == '%' ? random.nextBoolean() ? "%2f" : "%3b" : Character.isDigit(c) ? "1" : c);
    }
    return text.toString();
  }

  /** Segments and values of matrix parameters. */
  private static int made(String path) {
    return PathContainer.parsePath(path).elements().stream()
        .filter(PathSegment.class::isInstance)
        .mapToInt(
            each ->
                1
                    + ((PathSegment) each)
                        .parameters().values().stream().mapToInt(Collection::size).sum())
        .sum();
  }

  private static int parameters(String query) {
    URI uri = URI.create("http://h/?" + query.replace("\"", ""));
    return MockServerHttpRequest.method(HttpMethod.GET, uri)
        .build()
        .getQueryParams()
        .values()
        .stream()
        .mapToInt(Collection::size)
        .sum();
  }

  @ParameterizedTest(name = "{0} segments, {1} parameters, {2} cookies: {3}")
  @CsvSource({
    "256, 512, 200, 0",
    "257, 512, 200, 414",
    "256, 513, 200, 414",
    "256, 512, 201, 431",
    "257, 512, 201, 414",
  })
  void one_more_than_may_be_is_refused(int segments, int parameters, int cookies, int status) {
    assertThat(new RequestParts(segments, parameters, cookies).refusal(RequestParts.Limits.DEFAULT))
        .isEqualTo(status);
  }
}
