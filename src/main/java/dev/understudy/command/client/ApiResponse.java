package dev.understudy.command.client;

import dev.understudy.status.JsonValue;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A whole response of the management API.
 *
 * @param status the status code
 * @param body at most {@link ManagementApi#MAX_BODY} bytes
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ApiResponse(int status, byte[] body) {
  boolean ok() {
    return status == 200 || status == 202;
  }

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** The JSON document; absent if the body is none. */
  JsonValue document() {
    return JsonValue.parse(body);
  }

  /** The detail of a problem document (RFC 9457); null if the body is none. */
  @Nullable String problem() {
    return document().at("detail").text();
  }
}
