package dev.understudy.application;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What Netty makes of the defaults, in a Java of its own, as it reads them but once. */
class LibraryDefaultsTest {

  /** As the proxy starts: the defaults, then the first buffer. */
  public static final class Start {
    private Start() {}

    public static void main(String[] args) {
      LibraryDefaults.set(System.getProperties());
      ByteBuf first = ByteBufAllocator.DEFAULT.directBuffer();
      System.out.println(
          first.alloc() instanceof PooledByteBufAllocator pooled
              ? "pooled " + pooled.metric().chunkSize()
              : first.alloc().getClass().getSimpleName());
      first.release();
    }
  }

  private static String allocator(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // JDK 21 and 22 do not know the second.
    command.add("-XX:+IgnoreUnrecognizedVMOptions");
    command.addAll(List.of("--sun-misc-unsafe-memory-access=allow", "-XX:+UseSerialGC"));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Start.class.getName()));
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(child.waitFor()).as(said).isZero();
    return said.lines().reduce("", (before, line) -> line);
  }

  @Test
  void buffers_are_pooled_in_chunks_of_a_megabyte() throws Exception {
    assertThat(allocator()).isEqualTo("pooled " + (1 << 20));
  }

  /** What is set stays, below; here Netty reads it. */
  @Tag(Extent.SLOW)
  @Test
  void an_operators_own_choice_stays() throws Exception {
    assertThat(allocator("-Dio.netty.allocator.maxOrder=8")).isEqualTo("pooled " + (1 << 21));
    assertThat(allocator("-Dio.netty.allocator.type=adaptive"))
        .isEqualTo("AdaptiveByteBufAllocator");
  }

  @Test
  void what_is_set_stays() {
    Properties system = new Properties();
    system.setProperty("io.netty.allocator.type", "unpooled");
    LibraryDefaults.set(system);
    assertThat(system)
        .hasSize(8)
        .containsEntry("io.netty.allocator.maxOrder", "7")
        .containsEntry("io.netty.leakDetection.samplingInterval", "1024")
        .containsEntry("io.netty.allocator.type", "unpooled")
        .containsEntry("keystore.pkcs12.keyPbeIterationCount", "1");
  }
}
