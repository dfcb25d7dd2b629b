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
  /** None, or one that ends early. */
  static ComparedResponse failed(String why) {
    return new ComparedResponse(why, 0, Map.of(), new byte[0], false);
  }

  boolean isWhole() {
    return failure.isEmpty();
  }
}
