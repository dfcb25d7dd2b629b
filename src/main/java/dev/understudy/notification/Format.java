package dev.understudy.notification;

/** The form in which a receiver takes notifications. */
public enum Format {
  CLOUDEVENTS("application/cloudevents+json; charset=utf-8"),
  SLACK("application/json; charset=utf-8"),
  ALERTMANAGER("application/json; charset=utf-8"),
  TEXT("text/plain; charset=utf-8");

  private final String contentType;

  Format(String contentType) {
    this.contentType = contentType;
  }

  String contentType() {
    return contentType;
  }

  /** Whether one message has any number of notifications, so that there are no digests. */
  boolean takesMany() {
    return this == ALERTMANAGER;
  }
}
