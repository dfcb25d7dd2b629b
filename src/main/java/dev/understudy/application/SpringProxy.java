package dev.understudy.application;

import dev.understudy.assembly.Instrumentation;
import dev.understudy.command.ProxyStarter;
import dev.understudy.command.StartFailedException;
import dev.understudy.systemd.ServiceNotifier;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.Environment;

/** The proxy as a Spring Boot application. */
public final class SpringProxy implements ProxyStarter {

  /** Creates the application, whose context the proxy does not wait for. */
  public static SpringApplication application(Instrumentation instrumentation) {
    SpringApplication application = new SpringApplication(Application.class);
    StartupTuning.prepare(application);
    application.addInitializers(new StartupTuning(), new ProxyInitializer(instrumentation));
    return application;
  }

  /**
   * Runs a garbage collection after the start, which frees the objects that only the start needed:
   * a third of the heap.
   */
  @Override
  public int serve(String[] settings) {
    try {
      start(settings);
      System.gc();
    } catch (SpringApplication.AbandonedRunException e) {
      return 0;
    }
    return RUNNING;
  }

  @Override
  public Environment start(String[] settings) {
    try {
      LibraryDefaults.set(System.getProperties());
      SpringApplication application = application(Instrumentation.standard());
      if (System.getenv(ServiceNotifier.VARIABLE) != null) {
        application.addPrimarySources(List.of(SystemdBeans.class));
      }
      return application.run(settings).getEnvironment();
    } catch (SpringApplication.AbandonedRunException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new StartFailedException(e);
    }
  }
}
