package dev.understudy.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.upstream.Http2ResponseState.Result;
import dev.understudy.testing.Rows;
import io.netty.handler.codec.http2.Http2Error;
import org.jspecify.annotations.Nullable;

/** What the parts of a response, and the stream's end, mean. */
class Http2ResponseStateTest {
  private final Http2ResponseState response = new Http2ResponseState();

  /** Plays a course of events; returns the last one's result. */
  private @Nullable Result play(String course) {
    Result last = null;
    for (String step : course.split(", ")) {
      String[] words = step.split(" ");
      boolean end = words[words.length - 1].equals("end");
      last =
          switch (words[0]) {
            case "GET", "HEAD" -> {
              response.sent(words[0].equals("HEAD"));
              yield null;
            }
            case "head" -> response.head(Integer.parseInt(words[1]), length(words), end);
            case "content" -> response.content(Integer.parseInt(words[1]), end);
            case "trailers" -> response.end();
            case "malformed" -> response.malformed(false);
            case "large" -> response.malformed(true);
            case "reset" -> {
              response.reset(Http2Error.valueOf(words[1]).code());
              yield null;
            }
            case "excluded" -> {
              response.excluded();
              yield null;
            }
            case "closed" -> response.closed();
            default -> throw new IllegalArgumentException(step);
          };
    }
    return last;
  }

  private static long length(String[] words) {
    return words.length > 2 && !words[2].equals("end") ? Long.parseLong(words[2]) : -1;
  }

  @Rows(
      """
      # heads
      GET, head 103                                | INFORMATIONAL
      GET, head 103, head 200                      | HEAD
      GET, head 200 5                              | HEAD
      GET, head 200 end                            | WHOLE
      GET, head 200 0 end                          | WHOLE
      GET, head 200 5 end                          | TOO_SHORT
      HEAD, head 200 5 end                         | WHOLE
      GET, head 304 5 end                          | WHOLE
      # content
      GET, head 200, content 3                     | CONTENT
      GET, head 200, content 3 end                 | WHOLE
      GET, head 200, content 0 end                 | WHOLE
      GET, head 200, trailers                      | WHOLE
      GET, head 200 5, content 3, content 2 end    | WHOLE
      GET, head 200 5, content 3, content 1 end    | TOO_SHORT
      GET, head 200 5, content 4, trailers         | TOO_SHORT
      GET, head 200 5, content 5, trailers         | WHOLE
      HEAD, head 200 5, content 0 end              | WHOLE
      # what is malformed
      GET, content 3                               | BAD
      GET, content 0                               | BAD
      GET, head 103, content 3 end                 | BAD
      GET, malformed                               | BAD
      GET, head 103, malformed                     | BAD
      GET, large                                   | HEAD_TOO_LARGE
      GET, head 200, malformed                     | BROKEN
      GET, head 200, large                         | BROKEN
      # the stream's end before the request was sent
      closed                                       | REFUSED
      # after it
      GET, closed                                  | BROKEN
      GET, head 103, closed                        | BROKEN
      GET, head 200, closed                        | BROKEN
      GET, reset INTERNAL_ERROR, closed            | BROKEN
      GET, reset NO_ERROR, closed                  | BROKEN
      GET, reset REFUSED_STREAM, closed            | REFUSED
      GET, head 103, reset REFUSED_STREAM, closed  | REFUSED
      GET, head 200, reset REFUSED_STREAM, closed  | BROKEN
      GET, excluded, closed                        | REFUSED
      GET, excluded, reset CANCEL, closed          | REFUSED
      GET, head 200, excluded, closed              | BROKEN
      """)
  void the_result_of_the_last(String course, Result result) {
    assertThat(play(course)).isEqualTo(result);
  }

  @Rows(
      """
      GET, closed               |
      GET, reset NO_ERROR       |
      GET, excluded             |
      GET, reset CANCEL         | RST_STREAM CANCEL
      GET, reset REFUSED_STREAM | RST_STREAM REFUSED_STREAM
      """)
  void the_words_for_a_reset(String course, @Nullable String words) {
    var unused = play(course);
    assertThat(response.reset()).isEqualTo(words);
  }
}
