package dev.understudy.command.client;

import java.io.ByteArrayOutputStream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The body of a write: a flat JSON object. */
final class JsonFields {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final JsonGenerator json =
      new JsonFactory().createGenerator(ObjectWriteContext.empty(), bytes);

  JsonFields() {
    json.writeStartObject();
  }

  JsonFields text(String name, String value) {
    json.writeStringProperty(name, value);
    return this;
  }

  JsonFields flag(String name, boolean value) {
    json.writeBooleanProperty(name, value);
    return this;
  }

  /** Ends the object; to be called once. */
  byte[] toBytes() {
    json.writeEndObject();
    json.close();
    return bytes.toByteArray();
  }
}
