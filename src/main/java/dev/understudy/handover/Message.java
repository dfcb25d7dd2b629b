package dev.understudy.handover;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * One message, a line of JSON. A version leaves members and kinds that it does not know, so that
 * versions may differ; a member that is absent is null.
 *
 * @param kind what the message says
 * @param version the sender's version of the program
 * @param pid the process that the message is about
 * @param why the reason, for people
 * @param sockets the listening sockets, in the order in which their descriptors are sent
 * @param state parts of the state by name, each in a form of its own
 */
record Message(
    @JsonProperty("step") Kind kind,
    @Nullable String version,
    @Nullable Long pid,
    @Nullable String why,
    @Nullable List<OfferedSocket> sockets,
    @Nullable Map<String, String> state) {
  /**
   * What a message says. The successor begins with {@link #HELLO}; from then on the two sides take
   * turns, where the descriptors answer {@link #DESCRIPTORS}. {@link #STATE}, from either side, and
   * {@link #STOP} come at any time.
   */
  enum Kind {
    /** Successor: wants to take over. */
    HELLO,
    /** Predecessor: the sockets, and the state as it is now. */
    OFFER,
    /** Successor: is ready to receive the descriptors. */
    DESCRIPTORS,
    /** Successor: has received all descriptors. */
    RECEIVED,
    /** Successor: would serve from now on. */
    READY,
    /** Predecessor: what changes too fast to be sent before. */
    TABLES,
    /** Successor: accepts connections. */
    ACCEPTING,
    /** Predecessor: accepts none any more; the successor leads. */
    DONE,
    /** Successor: leads, and listens for its own successor. */
    LEADS,
    /** A change of the state: what the sender decides as it leads, or has ended as it does not. */
    STATE,
    /** Successor: was asked to stop, and the predecessor stops with it. */
    STOP,
    /** Predecessor: does not hand over, and why. */
    REFUSED,
    /** Operator: start a successor. */
    UPGRADE,
    /** To the operator: how far it is. */
    PROGRESS,
    /** To the operator: a successor serves. */
    UPGRADED,
    /** One of a later version, which this one does not know. */
    @JsonEnumDefaultValue
    UNKNOWN
  }

  /** A larger message is not Understudy's. */
  static final int MOST_BYTES = 64 << 20;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(EnumFeature.READ_UNKNOWN_ENUM_VALUES_USING_DEFAULT_VALUE)
          .build();

  static Message of(Kind kind) {
    return new Message(kind, null, null, null, null, null);
  }

  static Message hello(String version, long pid) {
    return new Message(Kind.HELLO, version, pid, null, null, null);
  }

  static Message state(Kind kind, Map<String, String> state) {
    return new Message(kind, null, null, null, null, state);
  }

  static Message told(Kind kind, String why) {
    return new Message(kind, null, null, why, null, null);
  }

  byte[] bytes() {
    return JSON.writeValueAsBytes(this);
  }

  /**
   * Reads a message.
   *
   * @throws IllegalArgumentException if it is none, with the reason
   */
  static Message read(byte[] line) {
    Message message;
    try {
      message = JSON.readValue(line, Message.class);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("expected a message: " + e.getOriginalMessage(), e);
    }
    if (message == null || message.kind() == null) {
      throw new IllegalArgumentException("expected a message with its step");
    }
    return message;
  }
}
