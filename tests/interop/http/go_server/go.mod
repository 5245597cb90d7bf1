module tablinum/httpserver

go 1.19
