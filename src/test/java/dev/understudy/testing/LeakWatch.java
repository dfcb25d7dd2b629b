package dev.understudy.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails each JVM of tests at its end if Netty buffers were collected that nobody had released, and
 * tells where they were made and passed on. JUnit finds it as a service.
 */
public final class LeakWatch implements BeforeAllCallback {
  private static final AtomicBoolean WATCHES = new AtomicBoolean();
  private static final List<String> LEAKS = new CopyOnWriteArrayList<>();

  @Override
  public void beforeAll(ExtensionContext context) throws ReflectiveOperationException {
    if (WATCHES.compareAndSet(false, true)) {
      ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
      detector().setLeakListener((type, records) -> LEAKS.add(type + records));
      Runtime.getRuntime().addShutdownHook(new Thread(LeakWatch::look));
    }
  }

  /** Ends the JVM with another status than 0, which fails the build, if there are leaks. */
  private static void look() {
    // Leaks are told of when a later buffer is made; collected references are queued meanwhile.
    for (int i = 0; i < 2; i++) {
      System.gc();
      for (ByteBufAllocator each :
          List.of(ByteBufAllocator.DEFAULT, PooledByteBufAllocator.DEFAULT)) {
        ByteBuf buffer = each.buffer(16);
        buffer.release();
      }
    }
    if (!LEAKS.isEmpty()) {
      // Surefire no longer reads what System.err was made into.
      PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true);
      err.println(LEAKS.size() + " buffers leaked:\n" + String.join("\n", LEAKS));
      Runtime.getRuntime().halt(1);
    }
  }

  /** Netty makes it once, for all buffers, and keeps it to itself. */
  private static ResourceLeakDetector<?> detector() throws ReflectiveOperationException {
    Field field = Class.forName("io.netty.buffer.AbstractByteBuf").getDeclaredField("leakDetector");
    field.setAccessible(true);
    return (ResourceLeakDetector<?>) field.get(null);
  }
}
