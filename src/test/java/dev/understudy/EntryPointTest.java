package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

/** The entry point can speak on a Java that is too old for the rest. */
class EntryPointTest {
  private static final int JAVA_17_CLASS_FILE = 61;

  @Test
  void entry_point_is_compiled_for_java_17() throws IOException {
    try (InputStream in = Main.class.getResourceAsStream("Main.class");
        DataInputStream data = new DataInputStream(in)) {
      data.skipBytes(6);
      assertThat(data.readUnsignedShort()).isEqualTo(JAVA_17_CLASS_FILE);
    }
  }
}
