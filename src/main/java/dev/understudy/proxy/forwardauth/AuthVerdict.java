package dev.understudy.proxy.forwardauth;

import dev.understudy.proxy.engine.LocalResponse;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Map;

/** What becomes of a request for which an authenticator was asked. */
public sealed interface AuthVerdict {
  /**
   * The request may pass.
   *
   * @param fields what the request gets, values by name; of the filter's other fields it has none
   */
  record Admitted(Map<String, List<String>> fields) implements AuthVerdict {
    static final Admitted WITHOUT_FIELDS = new Admitted(Map.of());

    /** Omits the values, which may be secrets. */
    @Override
    public String toString() {
      return "Admitted" + fields.keySet();
    }
  }

  /** The authenticator's response, which goes to the client. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Refused(int status, HttpHeaders fields, byte[] body) implements AuthVerdict {
    public LocalResponse response(String requestId) {
      return LocalResponse.relayed(status, fields, body, requestId);
    }

    /** Omits fields and body, which may be secrets. */
    @Override
    public String toString() {
      return "Refused[" + status + "]";
    }
  }

  /** There is no answer: the response is 503. */
  enum Unanswered implements AuthVerdict {
    /** The authenticator failed, or did not respond in time. */
    FAILED,
    /** Too many requests wait for it. */
    BUSY
  }
}
