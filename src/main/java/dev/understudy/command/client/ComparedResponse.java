package dev.understudy.command.client;

import java.util.List;
import java.util.Map;

/**
 * What came of a request.
 *
 * @param failure why there is no whole response; empty: there is one
 * @param status 0: none came
 * @param fields values by names in lower case, in order
 * @param body up to the bound
 * @param isCut whether the body goes on behind the bound
 */
@SuppressWarnings("ArrayRecordComponent") // compared by its bytes
record ComparedResponse(
    String failure, int status, Map<String, List<String>> fields, byte[] body, boolean isCut) {
  /** No response yet. */
  static final ComparedResponse NONE = new ComparedResponse("", 0, Map.of(), new byte[0], false);

  /** The same, of which no more comes. */
  ComparedResponse failing(String why) {
    String begun = status == 0 ? "" : ", behind a head with status " + status;
    return new ComparedResponse(why + begun, status, fields, body, isCut);
  }

  boolean isWhole() {
    return failure.isEmpty();
  }
}
