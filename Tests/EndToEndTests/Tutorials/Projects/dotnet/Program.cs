Console.WriteLine("MyApp is running");
